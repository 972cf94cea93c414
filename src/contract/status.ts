import * as z from 'zod'
import { ConnectWindow } from './access.ts'
import { command, event, nothing, query } from './definition.ts'
import { HelperId } from './helpers.ts'
import { time } from './time.ts'

/**
 * The bridge. `raised`: the user pulled it up, nobody passes. `local`: down, for programs on this computer
 * only. `opening` and `open`: a public address is being opened, or answers. `offline`: one is wanted, but the
 * tunnel cannot be reached (programs on this computer still pass). `taken`: the tunnel answers, but the wanted
 * name belongs to somebody else at the moment.
 */
export const BridgeState = z.enum(['raised', 'local', 'opening', 'open', 'offline', 'taken'])
export type BridgeState = z.infer<typeof BridgeState>

export const Bridge = z.object({
  state: BridgeState,
  /** The MCP endpoint for programs on this computer. */
  localUrl: z.string(),
  /** The MCP endpoint for the outside; null until a tunnel gave one. Known addresses stay shown while offline. */
  publicUrl: z.string().nullable(),
  /** Where assistants are not given an address but choose a tunnel by its id (OpenAI's): that id. `publicUrl` is then for nobody to type. */
  tunnelId: z.string().optional(),
  message: z.string(),
  hint: z.string(),
  /** What only the user can do before there is an address: a page to open, or, where Drawbridge can fetch it, `fetches`, a program. */
  action: z
    .object({ label: z.string(), url: z.url({ protocol: /^https?$/ }), fetches: HelperId.optional() })
    .optional(),
  /** `taken` by a Drawbridge with the same data on another computer; `tunnel.takeOver` has it here. */
  elsewhere: z.literal(true).optional(),
  since: time,
})
export type Bridge = z.infer<typeof Bridge>

/** Where secrets are kept. `file`: no OS keychain answered, an encrypted file is used instead. */
export const VaultStatus = z.object({
  kind: z.enum(['keychain', 'file']),
  message: z.string(),
  hint: z.string(),
})
export type VaultStatus = z.infer<typeof VaultStatus>

export const Notice = z.object({
  id: z.string(),
  level: z.enum(['info', 'warning']),
  message: z.string(),
  hint: z.string(),
})
export type Notice = z.infer<typeof Notice>

/**
 * The keys that raise the bridge from everywhere. `off`: none were chosen. `taken`: the system gave them to another program. `wayland`:
 * this desktop lets no app listen for keys. `no-window`: only the desktop app can, and this is not it.
 */
export const RaiseShortcut = z.object({
  /** As in the preferences. */
  keys: z.string().nullable(),
  state: z.enum(['off', 'on', 'taken', 'wayland', 'no-window']),
})
export type RaiseShortcut = z.infer<typeof RaiseShortcut>

/** A while in which assistants could not reach this computer although they should have. `until`: null while it lasts. */
export const Away = z.object({ why: z.enum(['asleep', 'offline']), from: time, until: time.nullable() })
export type Away = z.infer<typeof Away>

/**
 * Whether this computer is kept from going to sleep. `off`: nobody chose that. `idle`: it was chosen, and there is no public address to
 * stay awake for. `unavailable`: it was chosen, and cannot be had here.
 */
export const Awake = z.enum(['off', 'idle', 'on', 'unavailable'])
export type Awake = z.infer<typeof Awake>

export const Status = z.object({
  version: z.string(),
  shell: z.enum(['electron', 'headless']),
  dataDir: z.string(),
  bridge: Bridge,
  vault: VaultStatus,
  window: ConnectWindow,
  /** `tools`: new ones, and ones that say they do less than before. */
  waiting: z.object({ connections: z.number().int(), calls: z.number().int(), tools: z.number().int() }),
  /** Things the user should know once, such as "the database was damaged and set aside". */
  notices: z.array(Notice),
  /** Left out: not known. */
  raiseShortcut: RaiseShortcut.optional(),
  /** Of the last day, oldest first; left out: none. */
  away: z.array(Away).optional(),
  /** Left out: not known. */
  awake: Awake.optional(),
})
export type Status = z.infer<typeof Status>

export const statusApi = {
  'status.get': query(nothing, Status),
  'notices.dismiss': command(z.object({ id: z.string() }), nothing),

  'status.changed': event(Status),
  /** Something that its owner should know at once: it also stands in the status, until it is dismissed. */
  'notices.added': event(Notice),
}

export const bridgeApi = {
  /**
   * Raise: cut everybody off at once. Lower: after raising, everything is as it was before; otherwise a public address is
   * opened.
   */
  'bridge.lower': command(nothing, Status),
  /** `endAllAccess`: nobody comes back either. Every entry and key is revoked, and the key for programs with them. */
  'bridge.raise': command(
    z.object({ endAllAccess: z.boolean().default(false) }).default({ endAllAccess: false }),
    Status,
  ),
  /** Give up the wanted tunnel name and take whatever the tunnel offers. Connected clients must be told the new address. */
  'bridge.newAddress': command(nothing, Status),
}
