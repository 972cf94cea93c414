import { setTimeout as sleep } from 'node:timers/promises'
import type { Server } from '../../src/contract/servers.ts'
import { random } from '../../src/oauth/testing/hostile-requests.ts'
import { contents, type Era, type ListName, listMethods, listNames } from './fixture-odd-contents.ts'
import { type Kind, OddServer, usualEndpoint } from './fixture-odd-server.ts'
import type { Lane, Outcome } from './fuzz-run.ts'
import { mutate, pickFieldMutation, places, type Random, told } from './mutations.ts'
import type { Raw } from './raw-json.ts'
import {
  type Plan,
  planAnswer,
  planEndpoint,
  planFraming,
  planInitialize,
  planList,
  planRefusal,
} from './server-plans.ts'
import { type LeftOut, leftOutOf, type World } from './world.ts'

const kinds = [
  ...(['list', 'entry', 'entry', 'entry', 'initialize', 'answer', 'answer', 'answer'] as const),
  ...(['framing', 'framing', 'framing', 'refusal', 'unasked'] as const),
]
const entryKind: Record<ListName, string> = {
  tools: 'tool',
  resources: 'resource',
  resourceTemplates: 'resourceTemplate',
  prompts: 'prompt',
}

/** One server of one transport and era, which sends one mutation after the other. */
export async function startServerLane(world: World, kind: Kind, era: Era): Promise<Lane> {
  const slug = `odd-${kind}-${era.slice(0, 4)}`
  const server = await new OddServer(kind, era, slug).start()
  await world.host.addServer(server.input)
  const checks = new Checks(world, server)
  return { name: slug, run: (seed) => checks.run(seed), stop: () => server.close() }
}

class Checks {
  readonly #world: World
  readonly #server: OddServer
  readonly #slug: string

  constructor(world: World, server: OddServer) {
    this.#world = world
    this.#server = server
    this.#slug = server.slug
  }

  async run(seed: number): Promise<Outcome> {
    // What the last one broke is told there, and must not spoil this one.
    const { id, state } = await this.#world.server(this.#slug)
    if (state !== 'running') await this.#world.host.ask('servers.restart', { id })
    const r = random(seed)
    const what = r.pick(kinds)
    if (what === 'unasked') return this.#unasked(r)
    if (what === 'refusal') return this.#asked(planRefusal(r, this.#slug))
    if (what === 'answer') return this.#asked(planAnswer(r, this.#slug))
    if (what === 'framing') return this.#asked(planFraming(r, this.#server))
    if (what === 'initialize' && this.#server.kind === 'sse' && r.next() < 0.5)
      return this.#restarted(planEndpoint(r))
    return this.#restarted(
      what === 'initialize' ? planInitialize(r, this.#server) : planList(r, this.#slug, what),
    )
  }

  /** What must hold after a start with the mutation, and again after one without. */
  async #restarted(plan: Plan & { endpoint?: string }): Promise<Outcome> {
    const server = this.#server
    const { id } = await this.#world.server(this.#slug)
    server.twist = plan.twist
    server.endpoint = plan.endpoint ?? usualEndpoint
    await this.#world.host.ask('servers.restart', { id })
    const problems = [...(await this.#accounted(plan)), ...(await this.#world.neighbours('during a start'))]
    server.twist = null
    server.endpoint = usualEndpoint
    await this.#world.host.ask('servers.restart', { id })
    problems.push(...(await this.#whole()).map((one) => `afterwards, ${one}`))
    return { how: plan.how, problems }
  }

  /** Tools that are others than they were, which wait for the owner to look; by index. */
  async #waiting(): Promise<number[]> {
    const tools = await this.#world.host.ask('tools.list', undefined)
    const waits = (at: number) =>
      tools.some(({ id, review }) => review !== null && id === `${this.#slug}__tool_${at + 1}`)
    return contents(this.#slug).tools.flatMap((_, at) => (waits(at) ? [at] : []))
  }

  /** Everything is offered, or the owner is told. */
  async #accounted(plan: Plan): Promise<string[]> {
    const shown = await this.#world.server(this.#slug)
    if (shown.state !== 'running') {
      if (!plan.mayFail || plan.list) return [`the server is ${shown.state}: ${shown.error?.message}`]
      return shown.error ? [] : [`the server is ${shown.state}, and nothing says why`]
    }
    const problems: string[] = []
    const leftOut = leftOutOf(shown)
    for (const name of listNames) {
      if (plan.undeclared?.includes(name)) continue
      const offered = await this.#offered(name)
      const all = contents(this.#slug)[name].map((_, at) => at)
      const may = (at: number) => name === plan.list && plan.mayFail && (plan.index ?? at) === at
      const waiting = name === 'tools' ? await this.#waiting() : []
      const gone = all.filter((at) => ![...offered, ...waiting].includes(at) && !may(at))
      if (gone.length > 0) problems.push(`of ${name}, ${gone.map((at) => at + 1)} are gone${asTold(leftOut)}`)
      const missing = silentlyMissing(name, shown, leftOut, plan)
      if (missing > 0)
        problems.push(`of ${name}, ${missing} are missing, and nothing says why${asTold(leftOut)}`)
    }
    problems.push(...(await this.#counted()))
    return [...problems, ...(await this.#othersWork(plan))]
  }

  /** As many tools as it is said to have are offered; lists come one after the other. */
  async #counted(): Promise<string[]> {
    for (let tries = 0; ; tries += 1) {
      const { tools } = await this.#world.server(this.#slug)
      const { length } = await this.#world.tools(this.#slug)
      if (tools === length) return []
      if (tries === 20) return [`it says it has ${tools} tools and offers ${length}`]
      await sleep(100)
    }
  }

  /** Which of the entries that it should have are offered to clients, by index. */
  async #offered(name: ListName): Promise<number[]> {
    const all = await this.#world.list(name, listMethods[name])
    const slug = this.#slug
    const isIt = (entry: Raw, n: number) => {
      if (name === 'resources') return entry.uri === `${slug}://resource/${n}`
      if (name === 'resourceTemplates')
        return String(entry.uriTemplate).startsWith(`${slug}://template/${n}/`)
      return entry.name === `${slug}__${entryKind[name]}_${n}`
    }
    return contents(slug)[name].flatMap((_, at) => (all.some((entry) => isIt(entry, at + 1)) ? [at] : []))
  }

  /** The server's parts that the mutation is not in. */
  async #othersWork({ list, index, undeclared = [] }: Plan): Promise<string[]> {
    const number = (name: ListName) => (list === name && index === 2 ? 2 : 3)
    const has = (name: ListName) => !undeclared.includes(name) && !(list === name && index === undefined)
    const works = async (name: ListName, method: string, target: string) =>
      has(name) ? this.#works(method, target) : []
    const all = await Promise.all([
      works('tools', 'tools/call', `tool_${number('tools')}`),
      works('resources', 'resources/read', `${this.#slug}://resource/${number('resources')}`),
      works('prompts', 'prompts/get', `prompt_${number('prompts')}`),
    ])
    return all.flat()
  }

  async #works(method: string, target: string): Promise<string[]> {
    const { text } = await this.#ask(method, target, 'again')
    const arrived = ['block-0', 'block-1'].every((part) => text.includes(part))
    return arrived ? [] : [`${method} ${target} answers ${text.slice(0, 300)}`]
  }

  #ask(method: string, target: string, say: string) {
    if (method === 'resources/read') return this.#world.rpc(method, { uri: target })
    const args = method === 'tools/call' ? { say } : { who: say }
    return this.#world.rpc(method, { name: `${this.#slug}__${target}`, arguments: args })
  }

  async #whole(): Promise<string[]> {
    const shown = await this.#world.server(this.#slug)
    if (shown.state !== 'running') return [`the server is ${shown.state}: ${shown.error?.message}`]
    const problems = leftOutOf(shown).map(
      (one) => `it is still said that ${one.kind} ${one.name} is left out`,
    )
    for (const name of listNames) {
      const [offered, all] = [await this.#offered(name), contents(this.#slug)[name]]
      if (offered.length !== all.length)
        problems.push(`of ${name}, only ${offered.map((at) => at + 1)} are offered`)
    }
    return problems
  }

  /** One answer is mutated while another call of the same server is under way. */
  async #asked({ how, twist, mayFail, parts }: Plan): Promise<Outcome> {
    const server = this.#server
    const target = String(twist.target)
    server.hold()
    const held = this.#ask('tools/call', 'tool_4', 'hold')
    held.catch(() => {})
    server.twist = twist
    const first = this.#ask(twist.method, target, 'first')
    const near = await this.#world.neighbours('meanwhile')
    // One that is never answered must not make the other one late.
    await Promise.race([first, sleep(1_000)])
    server.release()
    const answer = await first
    server.twist = null
    const problems = [...near]
    const said = answer.text.slice(0, 400)
    const missing = parts.filter((part) => !answer.text.includes(part))
    if (missing.length > 0) problems.push(`${missing} did not arrive: ${said}`)
    else if (!mayFail && answer.error) problems.push(`it failed: ${said}`)
    if (answer.error && String(answer.error.message ?? '') === '')
      problems.push(`it failed without a word: ${said}`)
    if (twist.method === 'tools/call') problems.push(...(await this.#logged(target)))
    const beside = await held
    if (!beside.text.includes('block-0'))
      problems.push(`the call under way was lost: ${beside.text.slice(0, 200)}`)
    problems.push(...(await this.#works(twist.method, target)).map((one) => `afterwards, ${one}`))
    return { how, problems }
  }

  /** The owner finds each call, and why it failed if it did. */
  async #logged(tool: string): Promise<string[]> {
    const name = `${this.#slug}__${tool}`
    const calls = await this.#world.host.ask('activity.list', { limit: 50, search: `${name} first` })
    const call = calls.find((one) => one.tool === name && one.arguments.includes('first'))
    if (!call) return ['the call is not in the log']
    const { outcome, error, result } = call
    const isTold =
      outcome === 'answered' ? result !== null : outcome === 'failed' && (error ?? result) !== null
    return isTold ? [] : [`the log says ${outcome}, and not why`]
  }

  /** Something that nobody asked for, then everything must be as before. */
  async #unasked(r: Random): Promise<Outcome> {
    const server = this.#server
    const method = r.pick(unaskedMethods)
    const id = r.next() < 0.5 ? undefined : r.pick<unknown>(['ping-1', 77, null, {}, 1.5])
    const params = {
      progressToken: 1,
      progress: 1,
      total: 2,
      uri: 'x://y',
      level: 'info',
      data: 'x',
      requestId: 7,
    }
    const message: Raw = { jsonrpc: '2.0', ...(id !== undefined && { id }), method, params }
    const mutation = pickFieldMutation(r, message, places(message))
    const mutated = mutate(message, mutation)
    // After a start the stream for it is opened last.
    for (let tries = 0; tries < 200 && server.era === '2025-11-25' && !server.isHeard; tries += 1)
      await sleep(50)
    const lists = server.asked.get('tools/list') ?? 0
    if (mutated !== undefined) server.say(mutated)
    const problems = await this.#world.neighbours('unasked')
    const isNews =
      method === 'notifications/tools/list_changed' && id === undefined && mutation.path[0] === 'params'
    // Between looks at a server that says so all the time there are some seconds.
    for (
      let tries = 0;
      isNews && server.era === '2025-11-25' && server.asked.get('tools/list') === lists;
      tries += 1
    ) {
      if (tries === 150) problems.push('the list was not fetched again')
      if (tries === 150) break
      await sleep(100)
    }
    problems.push(...(await this.#whole()), ...(await this.#works('tools/call', 'tool_3')))
    return {
      how: `unasked: ${method || 'no method'} with id ${JSON.stringify(id)}, ${told(mutation)}`,
      problems,
    }
  }
}

const unaskedMethods = [
  ...[
    'notifications/tools/list_changed',
    'notifications/resources/list_changed',
    'notifications/prompts/list_changed',
  ],
  ...['notifications/tools/list_changed', 'notifications/resources/updated', 'notifications/message'],
  ...['notifications/progress', 'notifications/cancelled', 'notifications/zzz', 'ping', 'roots/list'],
  ...['sampling/createMessage', 'elicitation/create', 'zzz/unknown', ''],
]

/** How many entries are neither counted nor named to the owner. */
function silentlyMissing(name: ListName, shown: Server, leftOut: LeftOut[], plan: Plan): number {
  const lists: ListName[] = ['resources', 'resourceTemplates'].includes(name)
    ? ['resources', 'resourceTemplates']
    : [name]
  const told = leftOut.filter(
    (one) => one.kind === 'list' || lists.some((list) => entryKind[list] === one.kind),
  )
  if (told.some((one) => one.kind === 'list') || shown.truncatedLists.some((list) => lists.includes(list)))
    return 0
  const has = lists.flatMap((list) => contents(plan.twist.method)[list]).length
  const counted = name === 'tools' ? shown.tools : name === 'prompts' ? shown.prompts : shown.resources
  const own = plan.list !== undefined && lists.includes(plan.list) ? plan.list : undefined
  const removed =
    own === undefined ? 0 : plan.saysNone ? contents(plan.twist.method)[own].length : plan.removed ? 1 : 0
  return has - removed - counted - told.length
}

const asTold = (leftOut: LeftOut[]): string =>
  leftOut.length === 0
    ? ''
    : ` (told: ${leftOut.map((one) => `${one.kind} ${one.name}: ${one.why}`).join('; ')})`
