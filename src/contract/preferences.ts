import * as z from 'zod'
import { say } from '../../locales/say.ts'
import { shortcutOf } from './agreed/shortcut.ts'
import { command, event, nothing, query } from './definition.ts'

/** Keys pressed together, such as `Control+Alt+B`; written in the one way that Electron reads on every system. */
const Shortcut = z
  .string()
  .max(60)
  .refine((text) => shortcutOf(text) === text, { error: () => say('input.raisingKeys') })

/** Of `redirectDomains`: a host name, or `*.` and a host name of at least two labels. */
export const domainPattern =
  /^(?:\*\.(?=[^.]+\.))?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

/**
 * Whether an origin is that of a page within a program on this computer: a desktop app (`tauri://localhost`, `app://obsidian.md`) or an
 * extension of the browser (`chrome-extension://…`). No page of the web can have one (RFC 6454 §4), and none of a scheme that a
 * browser itself opens for everybody.
 */
export const isProgramOrigin = (text: string): boolean => {
  const [, scheme = '', name = ''] =
    /^([a-z][a-z0-9+.-]{1,40}):\/\/([A-Za-z0-9][A-Za-z0-9._-]{0,200})$/.exec(text) ?? []
  return name !== '' && !everybodys.test(scheme)
}

const everybodys = /^(?:https?|wss?|ftps?|file|data|blob|about|javascript|filesystem|view-source)$/

export const Preferences = z.object({
  /** Hosts that clients may be sent back to (exact, or `*.example.com`); null means any that passes the usual rules. */
  redirectDomains: z.array(z.string()).nullable(),
  /** Requests that one client may make within a minute; null: as many as it likes. */
  requestsPerMinute: z.number().int().min(1).max(100_000).nullable(),
  /** Servers that may run at the same time. */
  maxServers: z.number().int().min(1).max(500),
  /** Megabytes (10⁶ bytes) of one answer of a server. All that arrives at once: twice that from one server, four times from all. */
  largestAnswer: z.number().int().min(1).max(256),
  /** How long calls are kept in the activity log. */
  activityDays: z.literal([7, 30, 90, 365]),
  /** How long the result of a call waits for an assistant that could not. Minutes. */
  resultMinutes: z.number().int().min(1).max(1_440),
  /**
   * When a server reports another version while its tools describe themselves as before: `tell` the owner, or take its tools away until
   * he has looked (`ask`). Left out: `tell`.
   */
  newVersions: z.enum(['tell', 'ask']).optional(),
  /** Exact origins of pages on this computer that may be clients, such as `http://localhost:6274`; left out: none. */
  localPages: z.array(z.string().max(300)).max(20).optional(),
  /** Raises the bridge from everywhere; null or left out: none does. */
  raiseShortcut: Shortcut.nullable().optional(),
  /** How long events of the timeline are kept; left out: 90 days. */
  timelineDays: z.number().int().min(1).max(3_650).optional(),
  /** A file on this computer to which programs add events, one to a line; null or left out: none is watched. */
  timelineFile: z.string().max(4_000).nullable().optional(),
  /** This computer does not go to sleep while it has a public address; left out: it does. */
  keepAwake: z.boolean().optional(),
})
export type Preferences = z.infer<typeof Preferences>

export const preferencesApi = {
  'preferences.get': query(nothing, Preferences),
  /** What is left out stays as it is. */
  'preferences.set': command(Preferences.partial(), Preferences),

  'preferences.changed': event(Preferences),
}
