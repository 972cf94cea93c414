import type { PowerMonitor, PowerSaveBlocker } from 'electron'
import type { HostOptions } from '../src/host/host.ts'

/** What the system says of sleep, and what keeps it from that: the screen may go dark all the same. */
export function createPower(
  monitor: Pick<PowerMonitor, 'on' | 'off'>,
  blocker: Pick<PowerSaveBlocker, 'start' | 'stop'>,
): NonNullable<HostOptions['power']> {
  let held: number | null = null
  return {
    listen({ suspend, resume }) {
      monitor.on('suspend', suspend)
      monitor.on('resume', resume)
      return () => {
        monitor.off('suspend', suspend)
        monitor.off('resume', resume)
      }
    },
    keepAwake(on) {
      if (held !== null) blocker.stop(held)
      held = on ? blocker.start('prevent-app-suspension') : null
      return on
    },
  }
}
