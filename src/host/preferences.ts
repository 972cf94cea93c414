import * as z from 'zod'
import { Preferences } from '../contract/models.ts'
import { HostError } from '../kernel/errors.ts'
import type { Settings } from '../storage/settings.ts'

const setting = 'preferences'

/** A host name, or `*.` and a host name of at least two labels. */
const domain =
  /^(?:\*\.(?=[^.]+\.))?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

/** What an earlier version stored may lack fields: each falls back for itself. */
const Stored = z.object({
  redirectDomains: Preferences.shape.redirectDomains.catch(null),
  requestsPerMinute: Preferences.shape.requestsPerMinute.catch(100),
  maxServers: Preferences.shape.maxServers.catch(100),
  largestAnswer: Preferences.shape.largestAnswer.catch(32),
})

/** What the user chose for everything. */
export function createPreferences(settings: Settings, changed: (now: Preferences) => void) {
  let now: Preferences = settings.get(setting, Stored) ?? Stored.parse({})
  return {
    get: (): Preferences => now,
    /** What is left out stays as it is. Throws HostError `bad-domain`. */
    set(wanted: Partial<Preferences>): Preferences {
      const next = { ...now }
      if (wanted.redirectDomains !== undefined) next.redirectDomains = hostNames(wanted.redirectDomains)
      if (wanted.requestsPerMinute !== undefined) next.requestsPerMinute = wanted.requestsPerMinute
      if (wanted.maxServers !== undefined) next.maxServers = wanted.maxServers
      if (wanted.largestAnswer !== undefined) next.largestAnswer = wanted.largestAnswer
      now = next
      settings.set(setting, now)
      changed(now)
      return now
    },
  }
}

function hostNames(typed: string[] | null): string[] | null {
  const domains = typed?.map((one) => one.trim().toLowerCase()) ?? null
  const odd = domains?.find((one) => !domain.test(one))
  if (odd === undefined) return domains && [...new Set(domains)]
  throw new HostError({
    code: 'bad-domain',
    message: `“${odd}” is not a host name.`,
    hint: 'Write only the name, such as chatgpt.com, or *.example.com for everything under it.',
  })
}
