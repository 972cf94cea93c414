import type { EventName, Payload } from '../contract/api.ts'
import { errorText } from '../kernel/errors.ts'
import type { Log } from '../kernel/log.ts'

export type Listen = (name: string, payload: unknown) => void

/** Everybody who watches the host: windows, browser tabs, the tray. One that throws does not stop the others. */
export function createBroadcast(log: Log) {
  const listeners = new Set<Listen>()
  return {
    /** Returns the function that stops listening. */
    on(listen: Listen): () => void {
      listeners.add(listen)
      return () => void listeners.delete(listen)
    },
    tell<K extends EventName>(name: K, payload: Payload<K>): void {
      for (const listen of [...listeners]) {
        try {
          listen(name, payload)
        } catch (error) {
          log.error('host.listener', { name, error: errorText(error) })
        }
      }
    },
  }
}
