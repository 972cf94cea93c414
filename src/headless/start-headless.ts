import { say } from '../../locales/say.ts'
import type { ConnectionRequest } from '../contract/access.ts'
import { quotedLine, visibleLine } from '../contract/agreed/visible-text.ts'
import type { Approval } from '../contract/approvals.ts'
import type { Door, Listen, Reply } from '../contract/pipe.ts'
import type { Notice, Status } from '../contract/status.ts'
import { createPrivateListener } from '../control/private-listener.ts'
import { systemClock } from '../kernel/clock.ts'
import { HostError } from '../kernel/errors.ts'
import type { Log, LogLevel } from '../kernel/log/log.ts'

export interface HeadlessOptions {
  dataDir: string
  /** Of the public listener; left out: the one of last time. */
  port?: number
  /** Of the private listener; left out: any free one. */
  uiPort?: number
  version: string
  /** Lines for machines instead of lines for people. */
  json: boolean
  /** Whether a browser should be opened at the link. */
  open: boolean
  tunnelHost?: string
  /** See HostOptions. */
  logLevel?: LogLevel
  corsOrigins?: readonly string[]
  restart?: () => void
}

/** What the headless shell needs of the host. */
export interface RunningHost {
  dispatch(name: string, input: unknown, from?: Door): Promise<Reply>
  on(listen: Listen): () => void
  revision?(): number
  mcpUrl: string
  dataDir: string
  log: Log
  isAdminKey(text: string): boolean
  letIn?(from: Exclude<Door, 'window'>): void
  stop(): Promise<void>
}

export interface HeadlessDeps {
  createHost(options: {
    dataDir: string
    shell: 'headless'
    port?: number
    version: string
    tunnelHost?: string
    logLevel?: LogLevel
    corsOrigins?: readonly string[]
    restart?: () => void
  }): Promise<RunningHost>
  /** The built interface. */
  uiDir: string | null
  /** One line on standard output. */
  print(line: string): void
  openBrowser(url: string): void
}

export interface Headless {
  mcpUrl: string
  link: string
  log: Log
  dispatch: RunningHost['dispatch']
  /** Ends the private listener first, so that nobody talks to a host that is going away. */
  stop(): Promise<void>
}

/**
 * The host behind its own pages on a loopback port. Resolves, and says so, when both listeners answer. Throws HostError;
 * then nothing is left running.
 */
export async function startHeadless(options: HeadlessOptions, deps: HeadlessDeps): Promise<Headless> {
  const { dataDir, port, version, tunnelHost, logLevel, corsOrigins, restart } = options
  const { uiDir, print } = deps
  if (uiDir === null) throw new HostError({ code: 'interface-missing' })
  const host = await deps.createHost({
    dataDir,
    shell: 'headless',
    port,
    version,
    tunnelHost,
    ...(logLevel && { logLevel }),
    ...(corsOrigins && { corsOrigins }),
    ...(restart && { restart }),
  })
  const listener = createPrivateListener({
    port: options.uiPort ?? 0,
    dispatch: host.dispatch,
    on: host.on,
    revision: host.revision,
    dataDir: host.dataDir,
    clock: systemClock,
    log: host.log,
    ui: { dir: uiDir, status: () => host.dispatch('status.get', undefined) },
    mcpUrl: host.mcpUrl,
    isAdminKey: host.isAdminKey,
    onLetIn: host.letIn,
  })
  try {
    await listener.listen()
  } catch (error) {
    await listener.close()
    await host.stop()
    throw error
  }
  const link = listener.oneTimeLink()
  const stopWords = options.json ? () => {} : tellPeople(host, print)
  if (options.json) print(JSON.stringify({ event: 'ready', mcp: host.mcpUrl, ui: link }))
  else for (const line of await welcome(host, link)) print(line)
  if (options.open) deps.openBrowser(link)
  return {
    mcpUrl: host.mcpUrl,
    link,
    log: host.log,
    dispatch: host.dispatch,
    async stop() {
      stopWords()
      await listener.close()
      await host.stop()
    },
  }
}

async function welcome(host: RunningHost, link: string): Promise<string[]> {
  const reply = await host.dispatch('status.get', undefined)
  const status = reply.ok ? (reply.value as Status) : null
  const lines = [
    say('headless.running'),
    '',
    ...columns([
      [say('headless.link'), link],
      [say('headless.address'), host.mcpUrl],
      [say('headless.data'), host.dataDir],
      ...(status ? [[say('headless.secrets'), status.vault.message] satisfies [string, string]] : []),
    ]),
  ]
  for (const notice of status?.notices ?? []) lines.push('', ...noticeLines(notice))
  return [...lines, '', say('headless.oneBrowser'), say('headless.stop')]
}

/** Labels in front, as wide as the widest. */
function columns(rows: [label: string, value: string][]): string[] {
  const wide = Math.max(...rows.map(([label]) => label.length))
  return rows.map(([label, value]) => `  ${label.padEnd(wide)} ${value}`)
}

const noticeLines = (notice: Notice): string[] => [
  `  ${notice.level === 'warning' ? say('headless.attention', { message: visibleLine(notice.message) }) : visibleLine(notice.message)}`,
  `  ${visibleLine(notice.hint)}`,
]

/** Says in the terminal that somebody waits: there may be no window where a person would see it. */
function tellPeople(host: RunningHost, print: (line: string) => void): () => void {
  return host.on((name, payload) => {
    if (name === 'notices.added') for (const line of noticeLines(payload as Notice)) print(line.trim())
    if (name === 'connections.asked') {
      const { id, clientName, redirectHost } = payload as ConnectionRequest
      const who = `${quotedLine(clientName)}${redirectHost ? ` (${visibleLine(redirectHost)})` : ''}`
      print(say('headless.asksToConnect', { who, id }))
    }
    if (name === 'approvals.asked') {
      const { id, clientName, line, source, risk } = payload as Approval
      const what = say('headless.what', { line, risk, source: quotedLine(source) })
      print(say('headless.asksToRun', { clientName: quotedLine(clientName), what, id }))
    }
  })
}
