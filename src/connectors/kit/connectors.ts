import type { Connector as Shown } from '../../contract/connectors.ts'
import type { CancelSignal } from '../../kernel/cancellation.ts'
import type { Clock } from '../../kernel/clock.ts'
import { errorText, HostError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log/log.ts'
import type { Redactor } from '../../kernel/log/redact.ts'
import { directly, type Network } from '../../net/network.ts'
import type { CheckedFetch } from '../../net/network-fetch.ts'
import type { Database } from '../../storage/database/database.ts'
import type { Settings } from '../../storage/settings.ts'
import type { Vault } from '../../storage/vault/vault.ts'
import { connectors as builtIn } from '../listed.ts'
import { ConnectorAccounts } from './accounts.ts'
import type { Connector, ConnectorToolDefinition, Listed } from './connector.ts'
import { Editions } from './editions.ts'
import { LastKnown } from './last-known.ts'
import { Permit } from './permit.ts'
import { RunningConnector } from './running-connector.ts'
import { RunningFamily } from './running-family.ts'
import { Service, type ServiceTimings } from './service.ts'
import { ServiceFeeds } from './service-feeds.ts'

type ConnectorResult = Awaited<ReturnType<RunningFamily['call']>>

interface ConnectorSource {
  slug: string
  name: string
  /** The tools keep their plain names. */
  prefixed: false
  kind: 'connector'
  edition(): number
  tools(): readonly ConnectorToolDefinition[]
  /** Throws HostError when there is no answer, within 25 s. */
  call(
    tool: string,
    args: Record<string, unknown>,
    options: { signal: CancelSignal; edition?: number; stillAllowed?(): void },
  ): Promise<ConnectorResult>
}

export type Connectors = ReturnType<typeof createConnectors>

/**
 * The built-in connectors. Nothing is asked of any service before the first call, and nothing is known of those without
 * accounts but what `Listed` says.
 */
export function createConnectors(deps: {
  fetch: CheckedFetch
  /** For what is not asked over HTTP. */
  network?: Network
  settings: Settings
  vault: Vault
  /** For what services last answered. */
  db: Database
  redactor: Redactor
  clock: Clock
  log: Log
  version: string
  /** Accounts were set up, changed or removed: tools may be others now. */
  changed?(): void
  /** One of them cannot be loaded; told once of each. */
  broken?(name: string): void
  /** For `DRAWBRIDGE_{SLUG}_URL`, where a mirror of a service is. */
  env?: NodeJS.ProcessEnv
  /** The same by connector, and before that. */
  baseUrls?: Record<string, string>
  timings?: Partial<ServiceTimings>
  /** Left out: all there are. */
  connectors?: readonly Listed[]
}) {
  const now = () => deps.clock.now()
  const accounts = new ConnectorAccounts(deps)
  const known = new LastKnown({ ...deps, now })
  const editions = new Editions()
  const userAgent = `drawbridge/${deps.version}`
  const serviceOf = ({ name, fields, refusesKey, isOwn = false }: Connector, baseUrl: string) => {
    const rights = Object.values(fields)
      .flatMap(({ scopes }) => scopes ?? [])
      .join(', ')
    return new Service({ ...deps, name, rights, refusesKey, baseUrl, isOwn, now, userAgent })
  }
  const all = (deps.connectors ?? builtIn).map((listed) => {
    const elsewhere = deps.env?.[`DRAWBRIDGE_${listed.slug.toUpperCase().replaceAll('-', '_')}_URL`]
    const baseUrl = deps.baseUrls?.[listed.slug] ?? (elsewhere || undefined)
    const broken = (error: unknown) => {
      deps.log.error('connectors.broken', { connector: listed.slug, error: errorText(error) })
      deps.broken?.(listed.name)
    }
    const network = deps.network ?? directly
    const edition = () => editions.of(familyOf(listed))
    const parts = { listed, accounts, known, now, network, baseUrl, serviceOf, broken, edition }
    return new RunningConnector(parts)
  })
  const families = familiesOf(all).map((members) => new RunningFamily(members, { now, log: deps.log }))
  const sources = families.map((one) => {
    const { slug, name } = one
    const source: ConnectorSource = {
      ...{ slug, name, prefixed: false, kind: 'connector' },
      edition: () => editions.of(slug),
      tools: () => one.tools(),
      call: (tool, args, options) =>
        one.call(tool, args, { signal: options.signal, permit: new Permit(source, options) }),
    }
    return source
  })
  const feeds = new ServiceFeeds(all, { now, log: deps.log })
  const refresh = async () => {
    await Promise.all(families.map((one) => one.refresh()))
    feeds.look()
  }
  /** What was learnt as the account that was there before is not said as another. */
  const changed = async (account: string) => {
    known.forget(account)
    feeds.forget(account)
    await refresh()
    deps.changed?.()
  }
  const find = (slug: string): RunningConnector => {
    const found = all.find(({ listed }) => listed.slug === slug)
    if (found) return found
    throw new HostError({ code: 'connector-unknown', detail: slug })
  }
  return {
    /** Those with accounts are loaded: until then the sources say what they say without any. */
    ready: refresh().then(() => {}),
    sources: () => [...sources],
    /** What happens at the services, and what they count over time. */
    feeds,
    /** What the contract's calls about connectors do. */
    handlers: {
      list: (): Promise<Shown[]> => Promise.all(all.map((one) => one.shown())),
      ...accountChanges({ all, accounts, editions, find, changed }),
      /** Throws HostError when the account does not work. */
      async test(id: string): Promise<{ message: string }> {
        const connector = all.find((one) => one.account(id) !== undefined)
        if (connector === undefined) throw new HostError({ code: 'account-unknown' })
        const account = connector.account(id)!
        return { message: await connector.test(account, new AbortController().signal) }
      },
    },
  }
}

interface AccountChange {
  slug: string
  id?: string
  name?: string
  values: Readonly<Record<string, string | null>>
}

function accountChanges(parts: {
  all: readonly RunningConnector[]
  accounts: ConnectorAccounts
  editions: Editions
  /** Throws HostError `connector-unknown`. */
  find(slug: string): RunningConnector
  changed(account: string): Promise<void>
}) {
  const { all, accounts, editions, find, changed } = parts
  return {
    async save(change: AccountChange) {
      const connector = find(change.slug)
      return editions.around(familyOf(connector.listed), async () => {
        const account = await accounts.save(await connector.load(), change)
        await changed(account.id)
        return account
      })
    },
    async remove(id: string) {
      const remove = async () => {
        await accounts.remove(id)
        await changed(id)
      }
      const connector = all.find((one) => one.account(id) !== undefined)
      await (connector ? editions.around(familyOf(connector.listed), remove) : remove())
    },
  }
}

const familyOf = ({ family, slug }: Listed): string => family?.slug ?? slug

/** Each with its first member where that stands in the list. */
function familiesOf(all: readonly RunningConnector[]) {
  const families = new Map<string, [RunningConnector, ...RunningConnector[]]>()
  for (const one of all) {
    const slug = familyOf(one.listed)
    const members = families.get(slug)
    if (members) members.push(one)
    else families.set(slug, [one])
  }
  return [...families.values()]
}
