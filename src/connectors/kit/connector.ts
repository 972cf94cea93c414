import * as z from 'zod'
import type { Ask } from './ask.ts'
import type { Fields, ValuesOf, Words } from './fields.ts'
import type { Looked, Period, Series, ServiceEvent } from './service-events.ts'

/**
 * One tool of a connector. `T` are the values it finds, without their freshness; `S` the arguments that may be left out where the
 * account has a field in their place.
 */
export interface ConnectorTool<
  F extends Fields = Fields,
  I extends z.ZodObject = z.ZodObject,
  T extends object = object,
  S extends string = string,
> {
  name: string
  title: string
  description: string
  /** What a call does, for the owner: one plain sentence, with `{names}` of arguments in it. */
  sentence?: string
  input: I
  /** By argument. */
  standIns?: Readonly<Record<S, keyof F & string>>
  /** Of `T`; freshness is added. */
  output: z.ZodObject
  /** What only reads is answered with last known values when the service cannot; only what may run twice is tried again. */
  annotations: {
    readOnlyHint: boolean
    destructiveHint: boolean
    idempotentHint: boolean
    openWorldHint: boolean
  }
  answer(
    input: Omit<z.output<I>, S> & Partial<Pick<z.output<I>, S & keyof z.output<I>>>,
    ask: Ask<ValuesOf<F>>,
  ): Promise<T>
  /** One or two sentences for a person. */
  say(values: T): string
  /** Made-up values, for as long as there is no account; left out: it is not offered before. */
  demo?(input: z.output<I>, now: number): T
  /** Of what it answers nothing is kept for when the service cannot be reached. */
  isNotKept?: boolean
  /** A call that names no account asks all of them, and each answers for itself. */
  asksAll?: boolean
}

/** Services that answer the same questions. Their tools are alike, and are offered once. */
export interface Family {
  /** As `slug` below: the scope of its reads is `{slug}.read`. */
  slug: string
  name: Words
}

/** A service of the outside, what it has to be told, and what can be asked of it: all that is known of it anywhere. */
export interface Connector<F extends Fields = Fields> {
  /** Small letters, digits and dashes. Also the scope of its reads, `{slug}.read`. */
  slug: string
  name: string
  /** What its owner is shown in place of a name that is no brand. */
  title?: Words
  /** One sentence, for the owner. */
  about: Words
  /** SVG. */
  logo: string
  /** Where its API begins, for one account. Another one from the environment: `DRAWBRIDGE_{SLUG}_URL`. */
  baseUrl: string | ((account: ValuesOf<F>) => string)
  /** The owner says where it is, so that the address may be what is wrong. */
  isOwn?: boolean
  fields: F
  /** Sent with every request, such as the account's key; to this service only. */
  headers?(account: ValuesOf<F>): Readonly<Record<string, string>>
  /** How else than with 401 it says that a key is wrong. */
  refusesKey?(status: number, body: string): boolean
  /** Left out: it alone answers these questions. All of a family have tools of the same names. */
  family?: Family
  tools: readonly ConnectorTool[]
  /** What a person may ask an assistant, three of them. */
  examples: readonly Words[]
  /** The cheapest question that shows whether an account works, and what it showed. Fails as tools do. */
  test(ask: Ask<ValuesOf<F>>): Promise<Words>
  /** What happened there lately, for the timeline; asked every few minutes. Left out: it does not say. */
  events?(ask: Ask<ValuesOf<F>>, looked: Looked): Promise<readonly ServiceEvent[]>
  /** What it counts over time, by name; one series, or one for each unit. */
  metrics?: Readonly<Record<string, (ask: Ask<ValuesOf<F>>, period: Period) => Promise<Series[]>>>
}

/** Checks the types where a tool is written; in the list they are all alike. */
export const defineTool = <
  F extends Fields,
  I extends z.ZodObject,
  T extends object,
  S extends keyof z.output<I> & string = never,
>(
  _fields: F,
  tool: ConnectorTool<F, I, T, S>,
): ConnectorTool => tool as unknown as ConnectorTool

/** As `defineTool`. */
export const defineConnector = <F extends Fields>(connector: Connector<F>): Connector =>
  connector as unknown as Connector

/** Where a value came from, part of every answer. */
const freshness = () => ({
  asOf: z.iso.datetime().describe('When the service gave these values'),
  stale: z
    .boolean()
    .describe('True when the service could not be reached and these are the last known values'),
  demo: z.string().optional().describe('There when all of this is made up, because no account is set up'),
})

/** What a call may say, where these accounts are set up; `has`: whether one of them has this field. */
export function inputOf(
  tool: ConnectorTool,
  accounts: readonly string[],
  has: (field: string) => boolean,
): z.ZodObject {
  const left = Object.entries(tool.standIns ?? {}).filter(([, field]) => has(field))
  const input =
    left.length === 0
      ? tool.input
      : tool.input.partial(Object.fromEntries(left.map(([argument]) => [argument, true])) as never)
  if (accounts.length < 2) return input
  const account = z.enum(accounts as [string, ...string[]])
  return input.extend({
    account: tool.asksAll
      ? account.optional().describe('The account to ask; left out: all of them')
      : account.default(accounts[0]!).describe('The account to ask'),
  })
}

/** Of one account, where several are asked. */
const whose = () => ({ account: z.string(), service: z.string() })

export type ConnectorToolDefinition = ReturnType<typeof toolDefinition>

/** All that a host holds of a connector before an account is set up, or somebody looks. */
export interface Listed extends Pick<Connector, 'slug' | 'name' | 'family'> {
  /** As `offeredBy` gives them; of a family, the first one's are offered. */
  tools: readonly ConnectorToolDefinition[]
  load(): Promise<Connector>
}

/** What is offered of it where there is no account: all of it, or what can be made up. */
export function offeredBy({ tools, fields }: Connector): ConnectorToolDefinition[] {
  const wantsAccount = needsAccount(fields)
  const offered = tools.filter(({ demo }) => !wantsAccount || demo !== undefined)
  return offered.map((tool) =>
    toolDefinition(
      tool,
      inputOf(tool, [], () => false),
      false,
    ),
  )
}

export const needsAccount = (fields: Fields): boolean =>
  Object.values(fields).some((one) => one.required === true)

/** A tool as MCP lists it. `several`: its answers are one per account. */
export function toolDefinition(tool: ConnectorTool, input: z.ZodObject, several: boolean) {
  type Schema = { type: 'object'; [more: string]: unknown }
  return {
    name: tool.name,
    title: tool.title,
    description: tool.description,
    ...(tool.sentence !== undefined && { sentence: tool.sentence }),
    inputSchema: z.toJSONSchema(input, { io: 'input' }) as Schema,
    outputSchema: z.toJSONSchema(several ? eachOf(tool.output) : tool.output.extend(freshness())) as Schema,
    annotations: { title: tool.title, ...tool.annotations },
  }
}

const eachOf = (output: z.ZodObject) =>
  z.object({
    accounts: z
      .array(output.extend({ ...whose(), ...freshness() }))
      .describe('Each for itself: nothing is added up'),
    failed: z
      .array(z.object({ ...whose(), problem: z.string() }))
      .optional()
      .describe('Accounts that gave no answer'),
  })
