import type { z } from 'zod'
import { saidLater, sayTheSentence } from '../../../locales/say.ts'
import type { ConnectorAccount, Connector as Shown } from '../../contract/connectors.ts'
import { abortSignalOf, type CancelSignal } from '../../kernel/cancellation.ts'
import { HostError } from '../../kernel/errors.ts'
import type { ConnectorAccounts } from './accounts.ts'
import { Ask, type Tagged } from './ask.ts'
import { type Connector, type ConnectorTool, inputOf, toolDefinition } from './connector.ts'
import type { Words } from './fields.ts'
import { Recent } from './recent.ts'
import type { Service } from './service.ts'

export type ConnectorToolDefinition = ReturnType<typeof toolDefinition>

/** Values of an earlier answer, and when the service gave them. */
interface Known {
  values: object
  at: number
}

/** Where the user set up none, and the service wants none. */
const noAccount: ConnectorAccount = { id: '', name: '', values: {}, secrets: [] }

/** One connector with its accounts: what it offers now, and its calls. Last known answers are in memory. */
export class RunningConnector {
  readonly connector: Connector
  readonly #accounts: ConnectorAccounts
  readonly #serviceAt: (baseUrl: string) => Service
  readonly #baseUrl: string | undefined
  readonly #now: () => number
  readonly #known = new Recent<Known>(200)
  readonly #tagged = new Recent<Tagged>(200)
  /** By base URL. */
  readonly #services = new Map<string, Service>()
  #inputs = new Map<string, z.ZodObject>()
  #definitions: readonly ConnectorToolDefinition[] = []

  /** `baseUrl`: in place of the connector's own. */
  constructor(deps: {
    connector: Connector
    accounts: ConnectorAccounts
    serviceAt(baseUrl: string): Service
    baseUrl: string | undefined
    now(): number
  }) {
    this.connector = deps.connector
    this.#accounts = deps.accounts
    this.#serviceAt = deps.serviceAt
    this.#baseUrl = deps.baseUrl
    this.#now = deps.now
    this.refresh()
  }

  /** Its accounts may be others now. */
  refresh(): void {
    const accounts = this.#usable()
    const isOffered = accounts.length > 0 || !Object.values(this.connector.fields).some((one) => one.required)
    const tools = isOffered ? this.connector.tools : []
    const names = accounts.map(({ name }) => name)
    const has = (field: string) => accounts.some(({ values }) => field in values)
    this.#inputs = new Map(tools.map((tool) => [tool.name, inputOf(tool, names, has)]))
    this.#definitions = tools.map((tool) => toolDefinition(tool, this.#inputs.get(tool.name)!))
  }

  tools(): readonly ConnectorToolDefinition[] {
    return this.#definitions
  }

  shown(): Shown {
    const { slug, name, about, logo, fields, tools } = this.connector
    return {
      ...{ slug, name, about: inWords(about) },
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
      accounts: [...this.#accounts.of(this.connector)],
      ready: this.#definitions.length > 0 || tools.length === 0,
    }
  }

  /** Throws HostError when there is no answer, within 25 s. */
  async call(name: string, args: Record<string, unknown>, options: { signal: CancelSignal }) {
    const tool = this.connector.tools.find((one) => one.name === name)
    const schema = this.#inputs.get(name)
    if (!tool || !schema) throw noTool(this.connector.name, name)
    const { account: wanted, ...input } = parsed(tool, schema, args)
    const account = this.#usable().find((one) => one.name === wanted) ?? this.#usable()[0] ?? noAccount
    const lacking = Object.entries(tool.standIns ?? {}).find(
      ([argument, field]) => input[argument] === undefined && !(field in account.values),
    )
    if (lacking)
      throw doNotFit(tool, saidLater('connector.hasNone', { argument: lacking[0], account: account.name }))
    const signal = abortSignalOf(options.signal)
    try {
      return await this.#answer(tool, input, account, signal)
    } catch (error) {
      if (!signal.aborted || error instanceof HostError) throw error
      throw new HostError({ code: 'call-cancelled', says: 'call-cancelled-connector', cause: error })
    }
  }

  /** Those that have what it takes. */
  #usable(): readonly ConnectorAccount[] {
    return this.#accounts.of(this.connector).filter((one) => this.#accounts.isComplete(this.connector, one))
  }

  async #answer(
    tool: ConnectorTool,
    input: Record<string, unknown>,
    account: ConnectorAccount,
    signal: AbortSignal,
  ) {
    const of = `${tool.name} ${account.id} ${JSON.stringify(account.values)}`
    const key = `${of} ${JSON.stringify(input)}`
    const known = tool.annotations.readOnlyHint ? this.#known.get(key) : undefined
    try {
      const values = await tool.answer(input as never, await this.#ask(tool, account, of, signal))
      const at = this.#now()
      this.#known.set(key, { values, at })
      return result(tool, values, at, false)
    } catch (error) {
      const code = error instanceof HostError ? error.code : ''
      if (code === 'not-found') this.#known.delete(key)
      if (!known || !canStandIn.has(code)) throw error
      const note = `Last known, from ${age(this.#now() - known.at)} ago: ${(error as HostError).message}\n`
      return result(tool, known.values, known.at, true, note)
    }
  }

  async #ask(
    tool: ConnectorTool,
    account: ConnectorAccount,
    key: string,
    signal: AbortSignal,
  ): Promise<Ask<never>> {
    const { connector } = this
    const values = (await this.#accounts.valuesOf(connector, account)) as never
    const own = typeof connector.baseUrl === 'string' ? connector.baseUrl : connector.baseUrl(values)
    const baseUrl = this.#baseUrl ?? own
    const service = this.#services.get(baseUrl) ?? this.#serviceAt(baseUrl)
    this.#services.set(baseUrl, service)
    const { readOnlyHint, idempotentHint } = tool.annotations
    const headers = connector.headers?.(values) ?? {}
    const mayRepeat = readOnlyHint || idempotentHint
    return new Ask(values, { service, headers, signal, mayRepeat, tagged: this.#tagged, key })
  }
}

function result(tool: ConnectorTool, values: object, at: number, stale: boolean, note = '') {
  const structuredContent = { ...values, asOf: new Date(at).toISOString(), stale }
  const text = `${note}${tool.say(values)}\n${JSON.stringify(structuredContent)}`
  return { content: [{ type: 'text' as const, text }], structuredContent }
}

const canStandIn = new Set([
  'service-unreachable',
  'service-slow',
  'service-broken',
  'service-rate-limited',
  'service-answer-invalid',
])

function parsed(tool: ConnectorTool, schema: z.ZodObject, args: Record<string, unknown>) {
  const read = schema.safeParse(args)
  if (read.success) return read.data as Record<string, unknown>
  const problems = read.error.issues
    .slice(0, 5)
    .map(({ path, message }) => `${path.join('.') || 'arguments'}: ${message}`)
  throw doNotFit(tool, problems.join('; '))
}

const inWords = (words: Words): string => (typeof words === 'string' ? words : sayTheSentence(words))

const doNotFit = ({ name }: ConnectorTool, problems: Words) =>
  new HostError({ code: 'arguments-invalid', params: { name, problems } })

const noTool = (connector: string, name: string) =>
  new HostError({ code: 'tool-not-found', says: 'tool-not-found-connector', params: { connector, name } })

/** "3 minutes", "one hour": milliseconds in words. */
function age(milliseconds: number): string {
  const minutes = Math.round(milliseconds / 60_000)
  const [count, unit] =
    minutes < 1
      ? [Math.max(1, Math.round(milliseconds / 1_000)), 'second']
      : minutes < 90
        ? [minutes, 'minute']
        : minutes < 36 * 60
          ? [Math.round(minutes / 60), 'hour']
          : [Math.round(minutes / 1_440), 'day']
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}
