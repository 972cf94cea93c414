import { Preferences } from '../contract/models.ts'
import { HostError } from '../kernel/errors.ts'
import type { Settings } from '../storage/settings.ts'

const setting = 'preferences'

/** A host name, or `*.` and a host name of at least two labels. */
const domain =
  /^(?:\*\.(?=[^.]+\.))?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

/** What the user chose for everything. */
export function createPreferences(settings: Settings, changed: (now: Preferences) => void) {
  let now = settings.get(setting, Preferences) ?? { redirectDomains: null }
  return {
    get: (): Preferences => now,
    set(wanted: Preferences): Preferences {
      const domains = wanted.redirectDomains?.map((one) => one.trim().toLowerCase()) ?? null
      const odd = domains?.find((one) => !domain.test(one))
      if (odd !== undefined) {
        throw new HostError({
          code: 'bad-domain',
          message: `“${odd}” is not a host name.`,
          hint: 'Write only the name, such as chatgpt.com, or *.example.com for everything under it.',
        })
      }
      now = { redirectDomains: domains && [...new Set(domains)] }
      settings.set(setting, now)
      changed(now)
      return now
    },
  }
}
