import { startClientLane } from './client-lane.ts'
import type { Era } from './fixture-odd-contents.ts'
import type { Kind } from './fixture-odd-server.ts'
import { startServerLane } from './server-lane.ts'
import { startSignInLane } from './sign-in-lane.ts'
import { World } from './world.ts'

/** What one mutation came to. */
export interface Outcome {
  /** What was done, for people. */
  how: string
  /** What must not be. */
  problems: string[]
}

/** Somebody who sends mutations, one after the other. */
export interface Lane {
  name: string
  run(seed: number): Promise<Outcome>
  stop(): Promise<void>
}

export interface FuzzReport {
  run: number
  perLane: Map<string, number>
  failures: { number: number; lane: string; how: string; problems: string[] }[]
  seconds: number
}

interface Options {
  count: number
  seed: number
  /** Only this one, by its number. */
  only?: number | undefined
  /** Only those of the lane of this name. */
  lane?: string | undefined
  told?(line: string): void
}

const servers: readonly (readonly [Kind, Era])[] = [
  ['stdio', '2025-11-25'],
  ['http', '2025-11-25'],
  ['sse', '2025-11-25'],
  ['stdio', '2026-07-28'],
  ['http', '2026-07-28'],
]

/** After so many the official client, too, has to find everything in order. */
const lookEvery = 25

/** Mutation `number` is the same for the same seed, whatever runs beside it: lane `number % lanes`, seeded `seed + number`. */
export async function runFuzz({
  count,
  seed,
  only,
  lane: wanted,
  told = () => {},
}: Options): Promise<FuzzReport> {
  const world = await World.start()
  const lanes: Lane[] = []
  const failures: FuzzReport['failures'] = []
  const perLane = new Map<string, number>()
  const started = performance.now()
  let run = 0
  const one = async (lane: Lane, number: number) => {
    let outcome: Outcome
    try {
      outcome = await lane.run(seed + number)
    } catch (error) {
      outcome = { how: 'threw', problems: [String((error as Error).stack)] }
    }
    run += 1
    perLane.set(lane.name, (perLane.get(lane.name) ?? 0) + 1)
    if (only !== undefined || wanted !== undefined) told(`${number} (${lane.name}): ${outcome.how}`)
    if (run % lookEvery === 0)
      await world.officialClient(`look ${number}`).catch((error) => outcome.problems.push(String(error)))
    const { how, problems } = outcome
    if (problems.length === 0) return
    failures.push({ number, lane: lane.name, how, problems })
    told(`${number} (${lane.name}): ${how}\n  ${problems.join('\n  ')}`)
  }
  try {
    for (const [kind, era] of servers) lanes.push(await startServerLane(world, kind, era))
    lanes.push(await startSignInLane(world), await startClientLane(world))
    const all = lanes.map(async (lane, at) => {
      for (let number = at; number < count; number += lanes.length)
        if (
          world.host.crashed() === null &&
          (only ?? number) === number &&
          (wanted ?? lane.name) === lane.name
        )
          await one(lane, number)
    })
    await Promise.all(all)
    const troubles = await world.troubles()
    if (troubles.length > 0)
      failures.push({ number: -1, lane: 'host', how: 'afterwards', problems: troubles })
    return { run, perLane, failures, seconds: (performance.now() - started) / 1_000 }
  } finally {
    await Promise.all(lanes.map((lane) => lane.stop()))
    await world.stop()
  }
}

/** What was found, in a few lines. */
export const summary = ({ run, perLane, failures, seconds }: FuzzReport, seed: number): string =>
  [
    `${run} mutations (seed ${seed}) in ${seconds.toFixed(1)} s: ${[...perLane].map(([lane, n]) => `${lane} ${n}`).join(', ')}; ${failures.length} failures.`,
    ...failures.map(
      ({ number, lane, how, problems }) =>
        `--seed ${seed} --only ${number} (${lane}): ${how}\n  ${problems.join('\n  ')}`,
    ),
  ].join('\n')
