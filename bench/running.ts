// Starts what a part measures, and ends it, whatever happens in between.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Client } from './clients/client.ts'
import type { Samples } from './measure/samples.ts'
import { timedStart } from './measure/starting.ts'
import { stop } from './subjects/processes.ts'
import type { Prepare, Running, Subject, Upstreams } from './subjects/subject.ts'

export interface Plan {
  rounds: number
  /** How often the programs whose steady rate is compared are started anew. */
  lives: number
  /** How long one round of one subject takes, all its turns together. */
  milliseconds: number
  /** Turns that each subject has in a round. */
  turns: number
  warmUp: number
  /** How long a program is left alone before its memory is read: V8 gives pages back some time after it needed them. */
  settle: number
  /** By name. */
  subjects: ReadonlyMap<string, Prepare>
  folder: string
  samples: Samples
  say(line: string): void
}

export interface Ready {
  name: string
  subject: Subject
  running: Running
  client: Client
}

export async function withPrepared(
  plan: Plan,
  part: string,
  upstreams: Upstreams,
  names: string[],
  work: (subjects: Subject[]) => Promise<void>,
): Promise<void> {
  const subjects: Subject[] = []
  try {
    for (const name of names)
      await attempt(plan, part, name, async () => {
        const subject = await prepared(plan, name, upstreams, part)
        if (subject) subjects.push(subject)
      })
    await work(subjects)
  } finally {
    for (const subject of subjects) await subject.dispose()
  }
}

/** Null when nobody asked for it. */
export async function prepared(plan: Plan, name: string, upstreams: Upstreams, folder: string) {
  const prepare = plan.subjects.get(name)
  if (!prepare) return null
  const own = join(plan.folder, `${folder}-${name}`)
  mkdirSync(own, { recursive: true })
  return prepare(upstreams, own)
}

export async function withRunning(
  plan: Plan,
  part: string,
  upstreams: Upstreams,
  names: string[],
  work: (ready: Ready[]) => Promise<void>,
): Promise<void> {
  await withPrepared(plan, part, upstreams, names, async (subjects) => {
    const ready: Ready[] = []
    try {
      for (const subject of subjects)
        await attempt(plan, part, subject.name, async () => {
          const { running, client } = await timedStart(subject, upstreams.count)
          ready.push({ name: subject.name, subject, running, client })
        })
      await work(ready)
      for (const { client } of ready) await client.close()
    } finally {
      for (const { running } of ready) await stop(running.child)
    }
  })
}

/** One that fails is told about and does not stop the others. */
export async function attempt(
  plan: Plan,
  part: string,
  subject: string,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work()
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    plan.say(`${part}: ${subject} failed: ${reason}`)
    plan.samples.fail(part, subject, reason)
  }
}
