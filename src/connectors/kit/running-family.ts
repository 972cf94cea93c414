import type { z } from 'zod'
import { saidLater } from '../../../locales/say.ts'
import type { ConnectorAccount } from '../../contract/connectors.ts'
import { abortSignalOf, type CancelSignal } from '../../kernel/cancellation.ts'
import { errorText, HostError, isHostError, toEnglishReply } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log/log.ts'
import { noSuchTool, readArguments, unfitArguments } from '../../mcp/own-tools.ts'
import { type ConnectorTool, type ConnectorToolDefinition, inputOf, toolDefinition } from './connector.ts'
import type { Permit } from './permit.ts'
import { type Answered, inWords, type RunningConnector } from './running-connector.ts'

/** An account that can be asked, and what calls name it by. */
interface Reached {
  label: string
  member: RunningConnector
  account: ConnectorAccount
}

interface FamilyCall {
  tool: ConnectorTool
  input: Record<string, unknown>
  signal: AbortSignal
  permit: Permit
}

/** Where the user set up none, and the service wants none. */
const noAccount: ConnectorAccount = { id: '', name: '', values: {}, secrets: [] }

/** The services that answer the same questions, mostly one: what they offer now, and the calls of that. */
export class RunningFamily {
  readonly slug: string
  readonly name: string
  readonly #members: readonly RunningConnector[]
  readonly #now: () => number
  readonly #log: Log
  #reached: readonly Reached[] = []
  /** Made when they are needed. */
  #inputs = new Map<string, z.ZodObject>()
  #definitions: readonly ConnectorToolDefinition[]

  constructor(
    members: readonly [RunningConnector, ...RunningConnector[]],
    { now, log }: { now(): number; log: Log },
  ) {
    const { slug, name, family, tools } = members[0].listed
    this.slug = family?.slug ?? slug
    this.name = family ? inWords(family.name) : name
    this.#members = members
    this.#now = now
    this.#log = log
    this.#definitions = tools
  }

  /** Its accounts may be others now: those that have some are loaded. */
  async refresh(): Promise<void> {
    for (const one of this.#members) if (one.hasAccounts) await one.isLoaded()
    this.#reached = labelled(this.#members)
    this.#inputs.clear()
    const [first] = this.#reached
    this.#definitions =
      first === undefined
        ? this.#members[0]!.listed.tools
        : (await first.member.load()).tools.map((tool) =>
            toolDefinition(tool, this.#inputOf(tool), this.#isSeveral(tool)),
          )
  }

  tools(): readonly ConnectorToolDefinition[] {
    return this.#definitions
  }

  /** Throws HostError when there is no answer, within 25 s. */
  async call(name: string, args: Record<string, unknown>, options: { signal: CancelSignal; permit: Permit }) {
    const { permit } = options
    permit.check()
    if (!this.#definitions.some((one) => one.name === name)) throw noSuchTool(this.name, name)
    const tool = await toolOf(this.#reached[0]?.member ?? this.#members[0]!, name)
    // Whom it reaches may be another by now.
    permit.check()
    const { account: wanted, ...input } = readArguments(tool.name, this.#inputOf(tool), args)
    if (this.#reached.length === 0 && tool.demo !== undefined) return this.#demo(tool, input)
    const chosen = this.#chosen(tool, wanted)
    for (const { account } of chosen) refuseLacking(tool, input, account)
    const call = { tool, input, signal: abortSignalOf(options.signal), permit }
    try {
      if (this.#isSeveral(tool)) return await this.#askEach(call, chosen)
      const answered = await this.#askOne(call, chosen[0]!)
      const structuredContent = withFreshness(answered)
      return result(`${answered.note}${tool.say(answered.values)}`, structuredContent)
    } catch (error) {
      permit.throwIfRefused()
      if (!call.signal.aborted || error instanceof HostError) throw error
      throw new HostError({ code: 'call-cancelled', says: 'call-cancelled-connector', cause: error })
    }
  }

  #inputOf(tool: ConnectorTool): z.ZodObject {
    const names = this.#reached.map(({ label }) => label)
    const has = (field: string) => this.#reached.some(({ account }) => field in account.values)
    const input = this.#inputs.get(tool.name) ?? inputOf(tool, names, has)
    this.#inputs.set(tool.name, input)
    return input
  }

  #isSeveral(tool: ConnectorTool): boolean {
    return tool.asksAll === true && this.#reached.length > 1
  }

  #chosen(tool: ConnectorTool, wanted: unknown): readonly Reached[] {
    if (this.#reached.length === 0) return [{ label: '', member: this.#members[0]!, account: noAccount }]
    if (wanted !== undefined) return this.#reached.filter(({ label }) => label === wanted)
    return tool.asksAll ? this.#reached : this.#reached.slice(0, 1)
  }

  #demo(tool: ConnectorTool, input: Record<string, unknown>) {
    const values = tool.demo!(input as never, this.#now())
    const services = this.#members.map(({ listed }) => listed.name).join(' or ')
    const demo = `DEMO: made up, because no account is set up. On the Tools page of Drawbridge, its owner can set up ${services}.`
    const structuredContent = { ...withFreshness({ values, at: this.#now(), stale: false }), demo }
    return result(`${demo}\nDEMO: ${tool.say(values)}`, structuredContent)
  }

  async #askOne(
    { tool, input, signal, permit }: FamilyCall,
    { member, account }: Reached,
  ): Promise<Answered> {
    return member.answer(await toolOf(member, tool.name), input, account, signal, permit)
  }

  /** Each for itself; fails when all do. */
  async #askEach(call: FamilyCall, chosen: readonly Reached[]) {
    const { tool } = call
    const asked = await Promise.allSettled(chosen.map((one) => this.#askOne(call, one)))
    call.signal.throwIfAborted()
    call.permit.throwIfRefused()
    const all = chosen.map((one, index) => ({
      whose: { account: one.label, service: one.member.listed.name },
      asked: asked[index]!,
    }))
    const accounts: object[] = []
    const failed: object[] = []
    const lines: string[] = []
    for (const { whose, asked } of all)
      if (asked.status === 'fulfilled') {
        accounts.push({ ...whose, ...withFreshness(asked.value) })
        lines.push(`${whose.service} (${whose.account}): ${asked.value.note}${tool.say(asked.value.values)}`)
      } else {
        const problem = this.#problem(tool, whose.service, asked.reason)
        failed.push({ ...whose, problem })
        lines.push(`${whose.service} (${whose.account}): ${problem}`)
      }
    if (accounts.length === 0) throw (asked[0] as PromiseRejectedResult).reason
    return result(lines.join('\n'), { accounts, ...(failed.length > 0 && { failed }) })
  }

  /** A fault of ours in one account is no reason to keep what the others said: its details are for the log. */
  #problem(tool: ConnectorTool, service: string, reason: unknown): string {
    if (!isHostError(reason))
      this.#log.error('connectors.account', { service, tool: tool.name, error: errorText(reason) })
    const { message, hint } = toEnglishReply(reason)
    return `${message} ${hint}`
  }
}

/** By its own name, or with its service's before it where several have that name. */
function labelled(members: readonly RunningConnector[]): Reached[] {
  const all = members.flatMap((member) => member.usable().map((account) => ({ member, account })))
  const isAlone = (name: string) => all.filter(({ account }) => account.name === name).length === 1
  return all.map(({ member, account }) => ({
    ...{ member, account },
    label: isAlone(account.name) ? account.name : `${member.listed.name}: ${account.name}`,
  }))
}

/** All of a family have it under this name. */
const toolOf = async (member: RunningConnector, wanted: string): Promise<ConnectorTool> =>
  (await member.load()).tools.find(({ name }) => name === wanted)!

const withFreshness = ({ values, at, stale }: Pick<Answered, 'values' | 'at' | 'stale'>) => ({
  ...values,
  asOf: new Date(at).toISOString(),
  stale,
})

const result = (words: string, structuredContent: object) => ({
  content: [{ type: 'text' as const, text: `${words}\n${JSON.stringify(structuredContent)}` }],
  structuredContent,
})

function refuseLacking(tool: ConnectorTool, input: Record<string, unknown>, account: ConnectorAccount): void {
  const lacking = Object.entries(tool.standIns ?? {}).find(
    ([argument, field]) => input[argument] === undefined && !(field in account.values),
  )
  if (lacking)
    throw unfitArguments(
      tool.name,
      saidLater('connector.hasNone', { argument: lacking[0], account: account.name }),
    )
}
