// The parts of a run. In each, everybody is started once and then takes turns, round by round, in an order that rotates:
// whatever else happens on the computer meets all of them alike.
import { setTimeout as delay } from 'node:timers/promises'
import type { Client } from './clients/client.ts'
import { closedLoad, type Load, listLoad, steadyLoad } from './measure/load.ts'
import { type TreeUsage, treeUsage } from './measure/process-tree.ts'
import { roundOf } from './measure/samples.ts'
import { timedStart } from './measure/starting.ts'
import { rotated, shuffled } from './measure/statistics.ts'
import { attempt, type Plan, prepared, type Ready, withPrepared, withRunning } from './running.ts'
import { before } from './subjects/before.ts'
import { isUpstream, startHttpServer, stop } from './subjects/processes.ts'
import type { Running, Subject, Upstreams } from './subjects/subject.ts'

export const otherGateways = ['mcp-hub', 'mcp-proxy', 'supergateway']
export const everybody = ['ours', 'ours-by-rule', ...otherGateways, 'bare', 'direct', 'stdio']
/** Whose start and memory are compared. */
const startable = ['ours', ...otherGateways, 'direct']
/** Whose steady rates promises compare. */
const compared = ['ours', before, 'bare', 'direct']
/** mcp-proxy and supergateway stand in front of one stdio server each. */
const overHttp = ['ours', 'mcp-hub', 'direct']
const manyServers = ['ours', 'mcp-hub']

const one: Upstreams = { kind: 'stdio', count: 1, tools: 1, eras: '2025' }
const fifty: Upstreams = { kind: 'stdio', count: 50, tools: 20, eras: '2025' }

export async function stdioPart(plan: Plan): Promise<void> {
  await withRunning(plan, 'stdio', one, [...everybody, before], async (ready) => {
    await loads(plan, 'stdio', ready, 1)
    await rounds(plan, 'steady', ready, (one) => steady(plan, one))
  })
  await moreLives(plan, 'steady', one, async (each) => each)
}

export async function httpPart(plan: Plan): Promise<void> {
  const server = await startHttpServer(plan.folder)
  try {
    const upstreams: Upstreams = { kind: 'http', count: 1, tools: 1, eras: 'both', url: server.url }
    await withRunning(plan, 'http', upstreams, overHttp, (ready) => loads(plan, 'http', ready, 1))
  } finally {
    await stop(server.child)
  }
}

/**
 * A server that speaks both eras: called in the newer by its clients, and in the older, which a gateway then has to translate.
 * As many rounds come before each steady rate as in {@link stdioPart}: `direct` gets faster with every call.
 */
export async function modernPart(plan: Plan): Promise<void> {
  const both: Upstreams = { ...one, eras: 'both' }
  await withRunning(plan, 'modern', both, compared, async (ready) => {
    const modern: Ready[] = []
    for (const each of ready)
      await attempt(plan, 'modern', each.name, async () => void modern.push(await inModern(each)))
    await loads(plan, 'modern', modern, 1)
    await rounds(plan, 'modern steady', modern, (one) => steady(plan, one))
    // what does nothing does not translate
    const translated = ready.filter(({ name }) => name !== 'bare')
    await loads(plan, 'mixed', translated, 1)
    await rounds(plan, 'mixed steady', translated, (one) => steady(plan, one))
    for (const { client } of modern) await client.close()
  })
  await moreLives(plan, 'modern steady', both, inModern)
}

const inModern = async (each: Ready): Promise<Ready> => ({
  ...each,
  client: await each.running.openModern!(32),
})

/**
 * The same steady rate of the same programs, started anew: what V8 compiles of one makes it faster or slower for all of its life, by more
 * than is to be told apart here. Before it each is called as often as in its first life.
 */
async function moreLives(
  plan: Plan,
  part: string,
  upstreams: Upstreams,
  dressed: (each: Ready) => Promise<Ready>,
): Promise<void> {
  const unseen = { ...plan, samples: { ...plan.samples, add: () => {} } }
  for (let life = 2; life <= plan.lives; life++)
    await withRunning(plan, part, upstreams, compared, async (ready) => {
      plan.say(`${part}: life ${life} of ${plan.lives}`)
      const called: Ready[] = []
      for (const each of ready)
        await attempt(plan, part, each.name, async () => void called.push(await dressed(each)))
      await loads(unseen, part, called, 1)
      await rounds(plan, part, called, (one) => steady(plan, one))
      for (const { client } of called) await client.close()
    })
}

/** How long a start takes, from nothing to the first good answer. */
export async function startPart(plan: Plan): Promise<void> {
  await withPrepared(plan, 'start', one, startable, (subjects) => starts(plan, 'start 1', subjects, 1))
}

/** Memory of programs that nobody uses, after one call. */
export async function idlePart(plan: Plan): Promise<void> {
  const part = 'idle 1'
  // three of each, because one alone can have been lucky with its garbage
  const copies = plan.rounds >= 3 ? ['a', 'b', 'c'] : ['a']
  const started: Ready[] = []
  const subjects: Subject[] = []
  try {
    for (const copy of copies)
      for (const name of startable) {
        await attempt(plan, part, name, async () => {
          const subject = await prepared(plan, name, one, `idle-${copy}`)
          if (!subject) return
          subjects.push(subject)
          started.push({ name, subject, ...(await timedStart(subject, 1)) })
        })
      }
    for (const { client } of started) await client.close()
    await delay(plan.settle)
    for (const { name, running } of started)
      plan.samples.add(part, name, { memory: treeUsage(running.child.pid!, isUpstream).gateway.memory })
  } finally {
    for (const { running } of started) await stop(running.child)
    for (const subject of subjects) await subject.dispose()
  }
}

/** Fifty servers with twenty tools each: starting, memory, listing, calling. */
export async function fiftyPart(plan: Plan): Promise<void> {
  const { samples } = plan
  await withPrepared(plan, 'fifty', fifty, manyServers, async (subjects) => {
    await starts(plan, 'start 50', subjects, fifty.count)
    const ready: Ready[] = []
    try {
      for (const subject of subjects)
        await attempt(plan, 'fifty', subject.name, async () => {
          const { running, client } = await timedStart(subject, fifty.count)
          await client.close()
          ready.push({ name: subject.name, subject, running, client })
        })
      await delay(plan.settle)
      for (const { name, running } of ready)
        samples.add('idle 50', name, { memory: treeUsage(running.child.pid!, isUpstream).gateway.memory })
      for (const each of ready) each.client = await each.running.open(32)
      const list = { milliseconds: turn(plan), tools: fifty.count * fifty.tools }
      await rounds(plan, 'list', ready, ({ client }) => listLoad(client, list))
      await loads(plan, 'fifty', ready, fifty.count)
      for (const { client } of ready) await client.close()
    } finally {
      for (const { running } of ready) await stop(running.child)
    }
  })
}

async function starts(plan: Plan, part: string, subjects: Subject[], upstreams: number): Promise<void> {
  for (let round = 0; round < plan.rounds; round++) {
    plan.say(`${part}: round ${round + 1} of ${plan.rounds}`)
    for (const subject of rotated(subjects, round))
      await attempt(plan, part, subject.name, async () => {
        const { running, client, start } = await timedStart(subject, upstreams)
        plan.samples.add(part, subject.name, { ...start })
        await client.close()
        await stop(running.child)
      })
  }
}

const closed = (plan: Plan, client: Client, running: Running, concurrency: number, upstreams: number) =>
  closedLoad(client, {
    ...{ concurrency, milliseconds: turn(plan) },
    tool: (n) => running.tool(n % upstreams),
  })

const steady = (plan: Plan, { client, running }: Ready) =>
  steadyLoad(client, {
    ...{ perSecond: 100, milliseconds: turn(plan) * 1.5, lanes: 32 },
    tool: () => running.tool(0),
  })

/** One call at a time measures the computer's mood most: twice as many turns then. */
const forConcurrency = (plan: Plan, concurrency: number): Plan =>
  concurrency === 1 ? { ...plan, milliseconds: plan.milliseconds * 2, turns: plan.turns * 2 } : plan

/** How long a turn takes. */
const turn = (plan: Plan): number => plan.milliseconds / plan.turns

async function loads(plan: Plan, part: string, ready: Ready[], upstreams: number): Promise<void> {
  await warmUp(plan, ready, upstreams)
  for (const concurrency of [1, 8, 32])
    await rounds(forConcurrency(plan, concurrency), `${part} ${concurrency}`, ready, ({ client, running }) =>
      closed(plan, client, running, concurrency, upstreams),
    )
}

async function warmUp(plan: Plan, ready: Ready[], upstreams: number): Promise<void> {
  for (const { client, running } of ready)
    await closed({ ...plan, milliseconds: plan.warmUp, turns: 1 }, client, running, 8, upstreams)
}

/**
 * Each has some turns in every round. They are short, since what else the computer does comes and goes within seconds: so it meets all of
 * them alike. What a program does between its turns (tidying, writing down what is left) counts as its CPU time.
 */
async function rounds(plan: Plan, part: string, ready: Ready[], load: (one: Ready) => Promise<Load>) {
  plan.say(`${part}: ${plan.rounds} rounds of ${ready.map(({ name }) => name).join(', ')}`)
  for (let round = 0; round < plan.rounds; round++) {
    const going: (Ready & { before: TreeUsage; turns: Load[] })[] = []
    for (const one of ready)
      await attempt(plan, part, one.name, async () => {
        going.push({ ...one, before: usageOf(one), turns: [] })
      })
    for (let count = 0; count < plan.turns; count++)
      // Who fails is out for this round.
      for (const each of shuffled(going))
        if (each.turns.length === count)
          await attempt(plan, part, each.name, async () => void each.turns.push(await load(each)))
    for (const each of going)
      if (each.turns.length === plan.turns)
        await attempt(plan, part, each.name, async () => {
          plan.samples.add(part, each.name, roundOf(each.turns, each.before, usageOf(each)))
        })
  }
}

const usageOf = ({ running }: Ready): TreeUsage => treeUsage(running.child.pid!, isUpstream)
