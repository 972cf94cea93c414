import * as z from 'zod'
import { ConnectWindow } from './access.ts'
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
  message: z.string(),
  hint: z.string(),
  /** What only the user can do before there is an address: a page to open. */
  action: z.object({ label: z.string(), url: z.url({ protocol: /^https?$/ }) }).optional(),
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
})
export type Status = z.infer<typeof Status>
