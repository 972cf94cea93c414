import type { Door, Listen, Reply } from '../contract/pipe.ts'
import type { RaiseShortcut, Status } from '../contract/status.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Log, LogLevel } from '../kernel/log/log.ts'
import type { SystemProxy } from '../net/network.ts'
import type { KeepAwake, PowerEvents } from '../tunnel/away/presence.ts'

export interface HostOptions {
  dataDir: string
  shell: Status['shell']
  version: string
  /** Of the public listener. Left out: the port of last time, or any free one. */
  port?: number
  env?: NodeJS.ProcessEnv
  /** Base address of the localtunnel service; left out: the provider's own. */
  tunnelHost?: string
  /** Base address of OpenAI's API, for its tunnel; left out: the real one. */
  openaiHost?: string
  /** Where the connectors' services are, by connector, before what `DRAWBRIDGE_{SLUG}_URL` says; left out: the real ones. */
  connectorBaseUrls?: Record<string, string>
  clock?: Clock
  /** How long a client is kept waiting while the user is asked, ms; a quarter longer while a call runs. Default 40 s. */
  approvalWaitMs?: number
  /** The proxy of the system for an address, as Chromium writes it; left out: only the environment is looked at. */
  systemProxy?: SystemProxy
  /** Lines of the log below this level are not written; left out: all are. */
  logLevel?: LogLevel
  /** Exact origins of pages that may call us from a browser, besides those that the owner named. */
  corsOrigins?: readonly string[]
  /** Ends Drawbridge and starts it again, a moment later; left out: somebody has to do that by hand. */
  restart?: () => void
  /** Where the shell can listen for keys that are pressed in other programs; left out: it cannot. */
  raiseKeys?: RaiseKeys
  /** The system's own dialog for a folder; null: the user took none. Left out: there is no such dialog. */
  chooseFolder?: ChooseFolder
  /** What the shell hears of sleep, and how it keeps the system from it; left out: by the clock, and by a program of the system. */
  power?: PowerEvents & { keepAwake: KeepAwake }
}

export type ChooseFolder = () => Promise<string | null>

export interface RaiseKeys {
  /** From now on these raise the bridge, and none that did before. */
  bind(keys: string | null): RaiseShortcut['state']
}

export interface Host {
  /** `from`: left out, a window of ours. */
  dispatch(name: string, input: unknown, from?: Door): Promise<Reply>
  /** Every event of the contract. Returns the function that stops listening. */
  on(listen: Listen): () => void
  /** The number of the last event told. */
  revision(): number
  /** The MCP endpoint for programs on this computer. */
  mcpUrl: string
  dataDir: string
  log: Log
  /** Whether a text is the key for the admin interface. */
  isAdminKey(text: string): boolean
  /** A browser was let in by a link that was asked for through this door. */
  letIn(from: Exclude<Door, 'window'>): void
  stop(): Promise<void>
}
