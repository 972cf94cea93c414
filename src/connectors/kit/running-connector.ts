import * as z from 'zod'
import { say, sayTheSentence } from '../../../locales/say.ts'
import type { ConnectorAccount, Connector as Shown } from '../../contract/connectors.ts'
import { HostError, isHostError } from '../../kernel/errors.ts'
import { counted, lasting } from '../../mcp/own-words.ts'
import type { Network } from '../../net/network.ts'
import type { ConnectorAccounts } from './accounts.ts'
import { Ask, type Tagged } from './ask.ts'
import { type Connector, type ConnectorTool, type Listed, needsAccount } from './connector.ts'
import type { Words } from './fields.ts'
import type { Known, LastKnown } from './last-known.ts'
import { Permit } from './permit.ts'
import { Recent } from './recent.ts'
import type { Service } from './service.ts'
import { type Looked, minute, type Period, Series, type ServiceEvent } from './service-events.ts'

export interface Answered extends Known {
  stale: boolean
  /** That it is an old one, and why. */
  note: string
}

/** One service with its accounts: what the user is shown of it, and what it is asked. */
export class RunningConnector {
  readonly listed: Listed
  #connector: Connector | null = null
  #isBroken = false
  readonly #broken: (error: unknown) => void
  readonly #accounts: ConnectorAccounts
  readonly #serviceOf: (connector: Connector, baseUrl: string) => Service
  readonly #baseUrl: string | undefined
  readonly #now: () => number
  readonly #network: Network
  readonly #edition: () => number
  readonly #known: LastKnown
  readonly #tagged = new Recent<Tagged>(200)
  /** By base URL. */
  readonly #services = new Map<string, Service>()

  /** `baseUrl`: in place of the connector's own. */
  constructor(deps: {
    listed: Listed
    accounts: ConnectorAccounts
    known: LastKnown
    serviceOf(connector: Connector, baseUrl: string): Service
    baseUrl: string | undefined
    now(): number
    /** It cannot be loaded; told once. */
    broken(error: unknown): void
    network: Network
    /** Odd while an account of its family is being changed. */
    edition(): number
  }) {
    this.#edition = deps.edition
    this.listed = deps.listed
    this.#accounts = deps.accounts
    this.#known = deps.known
    this.#serviceOf = deps.serviceOf
    this.#baseUrl = deps.baseUrl
    this.#now = deps.now
    this.#broken = deps.broken
    this.#network = deps.network
  }

  /** The file that describes it is read the first time. Throws HostError `connector-broken`: it costs this connector and nothing else. */
  async load(): Promise<Connector> {
    if (this.#connector === null)
      try {
        this.#connector = await this.listed.load()
      } catch (cause) {
        if (!this.#isBroken) this.#broken(cause)
        this.#isBroken = true
        throw new HostError({ code: 'connector-broken', params: { name: this.listed.name }, cause })
      }
    return this.#connector
  }

  /** The same; false: it cannot be loaded. */
  async isLoaded(): Promise<boolean> {
    try {
      await this.load()
      return true
    } catch (error) {
      if (isHostError(error)) return false
      throw error
    }
  }

  get hasAccounts(): boolean {
    return this.#accounts.of(this.listed).length > 0
  }

  /** Its accounts that have what it takes, once it is loaded. */
  usable(): readonly ConnectorAccount[] {
    const connector = this.#connector
    if (connector === null) return []
    return this.#accounts.of(connector).filter((one) => this.#accounts.isComplete(connector, one))
  }

  account(id: string): ConnectorAccount | undefined {
    return this.#accounts.of(this.listed).find((one) => one.id === id)
  }

  async shown(): Promise<Shown> {
    if (!(await this.isLoaded())) return this.#shownBroken()
    const { slug, about, logo, fields, family, examples, ...named } = await this.load()
    const name = inWords(named.title ?? named.name)
    return {
      ...{ slug, name, about: inWords(about) },
      source: { slug: family?.slug ?? slug, name: family ? inWords(family.name) : name },
      logo: `data:image/svg+xml,${encodeURIComponent(logo)}`,
      fields: Object.entries(fields).map(([field, described]) => ({
        ...{
          name: field,
          kind: described.kind,
          label: inWords(described.label),
          hint: inWords(described.hint),
        },
        placeholder: described.placeholder ?? '',
        required: described.required === true,
        scopes: [...(described.scopes ?? [])],
      })),
      examples: examples.map(inWords),
      accounts: [...this.#accounts.of(this.listed)],
      ready: !needsAccount(fields) || this.usable().length > 0,
    }
  }

  #shownBroken(): Shown {
    const { slug, name, family } = this.listed
    return {
      ...{ slug, name, about: say('connector.broken.about'), logo: noLogo },
      source: { slug: family?.slug ?? slug, name: family ? inWords(family.name) : name },
      ...{ fields: [], examples: [], ready: false },
      accounts: [...this.#accounts.of(this.listed)],
    }
  }

  /** What works, in words. Throws HostError when it does not. */
  async test(account: ConnectorAccount, signal: AbortSignal): Promise<string> {
    const permit = this.#permit(account)
    const connector = await this.load()
    if (!this.#accounts.isComplete(connector, account))
      throw new HostError({ code: 'account-incomplete', params: { account: account.name } })
    return inWords(await connector.test(await this.#ask(account, true, `test ${account.id}`, signal, permit)))
  }

  /** Throws HostError when there is no answer. */
  async answer(
    tool: ConnectorTool,
    input: Record<string, unknown>,
    account: ConnectorAccount,
    signal: AbortSignal,
    permit: Permit,
  ): Promise<Answered> {
    const { readOnlyHint, idempotentHint } = tool.annotations
    const isKept = readOnlyHint && tool.isNotKept !== true
    const of = `${this.listed.slug} ${tool.name} ${account.id} ${JSON.stringify(account.values)}`
    const question = `${of} ${JSON.stringify(input)}`
    try {
      const ask = await this.#ask(account, readOnlyHint || idempotentHint, of, signal, permit)
      const values = await tool.answer(input as never, ask)
      permit.throwIfRefused()
      const at = this.#now()
      if (isKept && permit.isCurrent) this.#known.set(question, account.id, { values, at })
      return { values, at, stale: false, note: '' }
    } catch (error) {
      permit.throwIfRefused()
      // What is known is of the accounts as they are now.
      if (!permit.isCurrent) throw error
      const code = error instanceof HostError ? error.code : ''
      if (code === 'not-found') this.#known.delete(question)
      const known = isKept && canStandIn.has(code) ? this.#known.get(question, tool.output) : null
      if (known === null) throw error
      const note = `Last known, from ${age(this.#now() - known.at)} ago: ${(error as HostError).message}\n`
      return { ...known, stale: true, note }
    }
  }

  get tellsEvents(): boolean {
    return this.#connector?.events !== undefined
  }

  /** What it counts over time, once it is loaded. */
  get metrics(): readonly string[] {
    return Object.keys(this.#connector?.metrics ?? {})
  }

  /** Throws HostError when there is no answer. */
  async events(
    account: ConnectorAccount,
    looked: Looked,
    signal: AbortSignal,
  ): Promise<readonly ServiceEvent[]> {
    const permit = this.#permit(account)
    const connector = await this.load()
    const ask = await this.#ask(account, true, `events ${account.id}`, signal, permit)
    return (await connector.events?.(ask, looked)) ?? []
  }

  /** What was read within the last minute, or cannot be read now, is what it was then. Throws HostError when there is nothing. */
  async measure(account: ConnectorAccount, metric: string, period: Period, signal: AbortSignal) {
    const permit = this.#permit(account)
    permit.check()
    const of = `${this.listed.slug} metric ${metric} ${account.id} ${JSON.stringify(account.values)}`
    const question = `${of} ${JSON.stringify(period)}`
    const before = this.#known.get(question, Measured)
    const known = before && { ...(before.values as z.infer<typeof Measured>), asOf: before.at }
    if (known !== null && this.#now() - known.asOf < minute) return { ...known, stale: false }
    try {
      const { metrics } = await this.load()
      const ask = await this.#ask(account, true, of, signal, permit)
      const series = await metrics![metric]!(ask, period)
      const asOf = this.#now()
      if (permit.isCurrent) this.#known.set(question, account.id, { values: { series }, at: asOf })
      return { series, asOf, stale: false }
    } catch (error) {
      const mayStandIn = permit.isCurrent && error instanceof HostError && canStandIn.has(error.code)
      if (known === null || !mayStandIn) throw error
      return { ...known, stale: true }
    }
  }

  #service(connector: Connector, wanted: string): Service {
    const baseUrl = this.#baseUrl ?? wanted
    const service = this.#services.get(baseUrl) ?? this.#serviceOf(connector, baseUrl)
    this.#services.set(baseUrl, service)
    return service
  }

  /** For what its owner lets it do by itself. */
  #permit({ name }: ConnectorAccount): Permit {
    return new Permit({ name, edition: this.#edition })
  }

  async #ask(
    account: ConnectorAccount,
    mayRepeat: boolean,
    key: string,
    signal: AbortSignal,
    permit: Permit,
  ): Promise<Ask<never>> {
    const connector = await this.load()
    const values = (await this.#accounts.valuesOf(connector, account)) as never
    // Its keys may be those of another account by now, and its address is not.
    permit.check()
    const own = typeof connector.baseUrl === 'string' ? connector.baseUrl : connector.baseUrl(values)
    const serviceAt = (wanted: string) => this.#service(connector, wanted)
    const service = serviceAt(own)
    const headers = connector.headers?.(values) ?? {}
    const hasKey = account.secrets.length > 0
    const call = { hasKey, signal, permit, end: service.end(), now: this.#now, network: this.#network }
    // An ETag of the account that was there before would be answered with its data.
    const tags = { tagged: this.#tagged, key: `${permit.edition} ${key}` }
    return new Ask(values, { service, serviceAt, headers, ...call, mayRepeat, ...tags })
  }
}

const noLogo = `data:image/svg+xml,${encodeURIComponent('<svg xmlns="http://www.w3.org/2000/svg"/>')}`

const Measured = z.object({ series: z.array(Series) })

const canStandIn = new Set([
  'service-unreachable',
  'service-slow',
  'service-broken',
  'service-rate-limited',
  'service-answer-invalid',
])

export const inWords = (words: Words): string => (typeof words === 'string' ? words : sayTheSentence(words))

const age = (milliseconds: number): string =>
  milliseconds < 30_000
    ? counted(Math.max(1, Math.round(milliseconds / 1_000)), 'second')
    : lasting(milliseconds)
