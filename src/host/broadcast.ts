import type { EventName, Payload } from '../contract/api.ts'
import type { Listen } from '../contract/pipe.ts'
import { errorText } from '../kernel/errors.ts'
import type { Log } from '../kernel/log/log.ts'

/** Everybody who watches the host: windows, browser tabs, the tray. One that throws does not stop the others. */
export function createBroadcast(log: Log) {
  const listeners = new Set<Listen>()
  let revision = 0
  return {
    /** Returns the function that stops listening. */
    on(listen: Listen): () => void {
      listeners.add(listen)
      return () => void listeners.delete(listen)
    },
    /** How many events were told so far: the number of the last one. */
    revision: (): number => revision,
    tell<K extends EventName>(name: K, payload: Payload<K>): void {
      // Counted before anybody hears of it: a listener that asks at once is answered with this number.
      const number = ++revision
      for (const listen of [...listeners]) {
        try {
          listen(name, payload, number)
        } catch (error) {
          log.error('host.listener', { name, error: errorText(error) })
        }
      }
    },
  }
}
