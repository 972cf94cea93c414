import { isAbsolute, normalize } from 'node:path'
import * as z from 'zod'
import type { HandlersOf } from '../contract/definition.ts'
import { domainPattern, isProgramOrigin, Preferences, type preferencesApi } from '../contract/preferences.ts'
import { HostError } from '../kernel/errors.ts'
import type { Settings } from './settings.ts'

const setting = 'preferences'

/** What an earlier version stored may lack fields: each falls back for itself. */
const Stored = z.object({
  redirectDomains: Preferences.shape.redirectDomains.catch(null),
  requestsPerMinute: Preferences.shape.requestsPerMinute.catch(100),
  maxServers: Preferences.shape.maxServers.catch(100),
  largestAnswer: Preferences.shape.largestAnswer.catch(32),
  activityDays: Preferences.shape.activityDays.catch(90),
  resultMinutes: Preferences.shape.resultMinutes.catch(30),
  newVersions: Preferences.shape.newVersions.catch(undefined),
  localPages: Preferences.shape.localPages.catch(undefined),
  raiseShortcut: Preferences.shape.raiseShortcut.catch(undefined),
  timelineDays: Preferences.shape.timelineDays.catch(undefined),
  timelineFile: Preferences.shape.timelineFile.catch(undefined),
  keepAwake: Preferences.shape.keepAwake.catch(undefined),
})

/** What the user chose for everything. */
export function createPreferences(settings: Settings, changed: (now: Preferences) => void) {
  let now: Preferences = settings.get(setting, Stored) ?? Stored.parse({})
  return {
    get: (): Preferences => now,
    /** What is left out stays as it is. Throws HostError `bad-domain`, `bad-page` or `bad-path`. */
    set(wanted: Partial<Preferences>): Preferences {
      const next = { ...now }
      if (wanted.redirectDomains !== undefined) next.redirectDomains = hostNames(wanted.redirectDomains)
      if (wanted.requestsPerMinute !== undefined) next.requestsPerMinute = wanted.requestsPerMinute
      if (wanted.maxServers !== undefined) next.maxServers = wanted.maxServers
      if (wanted.largestAnswer !== undefined) next.largestAnswer = wanted.largestAnswer
      if (wanted.activityDays !== undefined) next.activityDays = wanted.activityDays
      if (wanted.resultMinutes !== undefined) next.resultMinutes = wanted.resultMinutes
      if (wanted.newVersions !== undefined) next.newVersions = wanted.newVersions
      if (wanted.localPages !== undefined) next.localPages = [...new Set(wanted.localPages.map(localOrigin))]
      if (wanted.raiseShortcut !== undefined) next.raiseShortcut = wanted.raiseShortcut
      if (wanted.timelineDays !== undefined) next.timelineDays = wanted.timelineDays
      if (wanted.timelineFile !== undefined) next.timelineFile = wholePath(wanted.timelineFile)
      if (wanted.keepAwake !== undefined) next.keepAwake = wanted.keepAwake
      now = next
      settings.set(setting, now)
      changed(now)
      return now
    },
  }
}

export type KeptPreferences = ReturnType<typeof createPreferences>

export const preferencesHandlers = (preferences: KeptPreferences): HandlersOf<typeof preferencesApi> => ({
  'preferences.get': () => preferences.get(),
  'preferences.set': (wanted) => preferences.set(wanted),
})

function hostNames(typed: string[] | null): string[] | null {
  const domains = typed?.map((one) => one.trim().toLowerCase()) ?? null
  const odd = domains?.find((one) => !domainPattern.test(one))
  if (odd === undefined) return domains && [...new Set(domains)]
  throw new HostError({
    code: 'bad-domain',
    params: { odd },
  })
}

/** Relative to what would be a matter of luck. */
function wholePath(typed: string | null): string | null {
  const path = typed?.trim() ?? ''
  if (path === '') return null
  if (!path.includes('\0') && isAbsolute(path)) return normalize(path)
  throw new HostError({ code: 'bad-path', params: { path: path.slice(0, 200) } })
}

/**
 * The origin of a page on this computer, or within a program on it (RFC 6454 §4), exactly as a browser sends it. Only such: a page
 * from elsewhere would be somebody else's program in the user's browser.
 */
function localOrigin(typed: string): string {
  const url = URL.parse(typed.trim())
  const isLocal = url !== null && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
  if (isLocal && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '')
    return url.origin
  const program = typed.trim().replace(/\/$/, '')
  if (isProgramOrigin(program)) return program
  throw new HostError({
    code: 'bad-page',
    params: { page: typed.slice(0, 100) },
  })
}
