import * as z from 'zod'
import type { adminKeyApi } from '../contract/admin-key.ts'
import type { HandlersOf } from '../contract/definition.ts'
import type { Clock } from '../kernel/clock.ts'
import { newToken, sameText, sha256 } from '../kernel/ids.ts'
import { type LastWrites, noReserve } from '../storage/reserve.ts'
import type { Settings } from '../storage/settings.ts'

const setting = 'control.adminKey'
const Kept = z.object({ hash: z.string(), createdAt: z.number().int() })

/** The key of programs that use the admin interface (`/api/v1`): one at a time, 256 random bits, kept as SHA-256. */
export function createAdminKey(
  settings: Settings,
  clock: Clock,
  last: Pick<LastWrites, 'write'> = noReserve,
) {
  let kept = settings.get(setting, Kept) ?? null
  let isForgotten = true
  const forget = () => {
    last.write(() => settings.delete(setting))
    isForgotten = true
  }
  return {
    get: (): { createdAt: number | null } => ({ createdAt: kept?.createdAt ?? null }),
    /** Ends an older one. The answer is the only place where the key ever is. */
    create(): { key: string } {
      const key = `db_admin_${newToken()}`
      const next = { hash: sha256(key), createdAt: clock.now() }
      last.write(() => settings.set(setting, next)) // it ends the older one
      kept = next
      isForgotten = true
      return { key }
    },
    remove(): void {
      kept = null
      isForgotten = false
      forget()
    },
    /** Writes what a full disk did not take. */
    settle(): void {
      if (!isForgotten) forget()
    },
    /** Takes the same time wherever a wrong one differs. */
    matches: (text: string): boolean => kept !== null && sameText(kept.hash, sha256(text)),
  }
}

export type AdminKey = ReturnType<typeof createAdminKey>

export const adminKeyHandlers = (adminKey: AdminKey): HandlersOf<typeof adminKeyApi> => ({
  'adminKey.get': () => adminKey.get(),
  'adminKey.create': () => adminKey.create(),
  'adminKey.remove': () => adminKey.remove(),
})
