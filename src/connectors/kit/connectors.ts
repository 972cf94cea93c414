import type { Connector as Shown } from '../../contract/connectors.ts'
import type { CancelSignal } from '../../kernel/cancellation.ts'
import type { Clock } from '../../kernel/clock.ts'
import { HostError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log/log.ts'
import type { Settings } from '../../storage/settings.ts'
import type { Vault } from '../../storage/vault/vault.ts'
import { connectors as builtIn } from '../list.ts'
import { ConnectorAccounts } from './accounts.ts'
import type { Connector } from './connector.ts'
import { type ConnectorToolDefinition, RunningConnector } from './running-connector.ts'
import { Service, type ServiceTimings } from './service.ts'

type ConnectorResult = Awaited<ReturnType<RunningConnector['call']>>

export interface ConnectorSource {
  slug: string
  name: string
  /** The tools keep their plain names. */
  prefixed: false
  kind: 'connector'
  tools(): readonly ConnectorToolDefinition[]
  /** Throws HostError when there is no answer, within 25 s. */
  call(
    tool: string,
    args: Record<string, unknown>,
    options: { signal: CancelSignal },
  ): Promise<ConnectorResult>
}

export type Connectors = ReturnType<typeof createConnectors>

/** The built-in connectors. Nothing is asked of any service before the first call. */
export function createConnectors(deps: {
  fetch: typeof fetch
  settings: Settings
  vault: Vault
  clock: Clock
  log: Log
  version: string
  /** Accounts were set up, changed or removed: tools may be others now. */
  changed?(): void
  /** For `DRAWBRIDGE_{SLUG}_URL`, where a mirror of a service is. */
  env?: NodeJS.ProcessEnv
  /** The same by connector, and before that. */
  baseUrls?: Record<string, string>
  timings?: Partial<ServiceTimings>
  /** Left out: all there are. */
  connectors?: readonly Connector[]
}) {
  const now = () => deps.clock.now()
  const accounts = new ConnectorAccounts(deps)
  const userAgent = `drawbridge/${deps.version}`
  const all = (deps.connectors ?? builtIn).map((connector) => {
    const { slug, name } = connector
    const elsewhere = deps.env?.[`DRAWBRIDGE_${slug.toUpperCase().replaceAll('-', '_')}_URL`] || undefined
    return new RunningConnector({
      ...{ connector, accounts, now },
      baseUrl: deps.baseUrls?.[slug] ?? elsewhere,
      serviceAt: (baseUrl) => new Service({ ...deps, name, baseUrl, now, userAgent }),
    })
  })
  const sources = all.map((one): ConnectorSource => {
    const { slug, name } = one.connector
    return {
      ...{ slug, name, prefixed: false, kind: 'connector' },
      tools: () => one.tools(),
      call: (tool, args, options) => one.call(tool, args, options),
    }
  })
  const changed = () => {
    for (const one of all) one.refresh()
    deps.changed?.()
  }
  const find = (slug: string): RunningConnector => {
    const found = all.find(({ connector }) => connector.slug === slug)
    if (found) return found
    throw new HostError({ code: 'connector-unknown', detail: slug })
  }
  return {
    sources: () => [...sources],
    /** What the contract's calls about connectors do. */
    handlers: {
      list: (): Shown[] => all.map((one) => one.shown()),
      async save(change: {
        slug: string
        id?: string
        name?: string
        values: Readonly<Record<string, string | null>>
      }) {
        const account = await accounts.save(find(change.slug).connector, change)
        changed()
        return account
      },
      async remove(id: string) {
        await accounts.remove(id)
        changed()
      },
    },
  }
}
