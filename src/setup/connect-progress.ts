import { say } from '../../locales/say.ts'
import type { ClientKind } from '../contract/access.ts'
import type { ErrorReply } from '../contract/errors.ts'
import type { Traffic } from '../kernel/traffic.ts'
import { kindOf } from './instructions/list.ts'

/** The steps that traffic ticks, in their order. */
const trafficSteps = ['found', 'registered', 'approve', 'token', 'look', 'tools', 'call'] as const
export type TrafficStep = (typeof trafficSteps)[number]

const stepOf: Record<Traffic['kind'], TrafficStep> = {
  'protected-resource-metadata': 'found',
  'authorization-server-metadata': 'found',
  register: 'registered',
  authorize: 'approve',
  approved: 'approve',
  token: 'token',
  discover: 'look',
  'tools-list': 'tools',
  'tools-call': 'call',
}

/** How far one attempt to connect has come. A value: `advance` makes the next one. */
export interface Progress {
  client: ClientKind
  startedAt: number
  /** Grants that were in use before: their traffic is somebody else's. */
  grantsBefore: ReadonlySet<string>
  /** The grant this attempt led to. */
  grantId: string | null
  /** A key was used, so nobody had to register or be approved. */
  byKey: boolean
  /** Somebody waits at the authorize page. */
  asked: boolean
  /** The user stopped waiting before anybody came in. */
  stopped: boolean
  at: Partial<Readonly<Record<TrafficStep, number>>>
  problem: { step: TrafficStep; error: ErrorReply } | null
}

export const beginProgress = (
  client: ClientKind,
  startedAt: number,
  grantsBefore: ReadonlySet<string>,
): Progress => ({
  client,
  startedAt,
  grantsBefore,
  grantId: null,
  byKey: false,
  asked: false,
  stopped: false,
  at: {},
  problem: null,
})

export interface Surroundings {
  /** Whether this is the flow that was opened last: apps with unknown names belong to it. */
  expected: boolean
  /** Origins at which cloud apps come; none while there is no public address. */
  outside: readonly string[]
}

/** Takes one event into account; the same value comes back when it has nothing to do with this attempt. Pure. */
export function advance(progress: Progress, event: Traffic, around: Surroundings): Progress {
  if (progress.at.call !== undefined || event.at < progress.startedAt) return progress
  if (!concerns(progress, event, around)) return progress
  const step = stepOf[event.kind]
  const bound = bind(progress, event)
  return event.ok ? succeed(bound, event, step) : fail(bound, event, step)
}

function concerns(progress: Progress, event: Traffic, { expected, outside }: Surroundings): boolean {
  const { client, grantId, grantsBefore } = progress
  const anonymous = () => expected && (client === 'other' || outside.includes(event.origin))
  const fits = () => {
    if (event.clientName === undefined) return anonymous()
    const kind = kindOf(event.clientName)
    return kind === client || (expected && (client === 'other' || kind === null))
  }
  if (stepOf[event.kind] === 'found') return grantId === null && anonymous()
  if (event.kind === 'approved') return fits()
  if (event.grantId !== undefined) {
    if (event.grantId === grantId) return true
    // Only a program with a key comes without an approval, and only one that was never seen can be the new one.
    return client === 'other' && expected && grantId === null && !grantsBefore.has(event.grantId) && event.ok
  }
  // Once the app is in, a nameless failure may be anybody's, save for the exchange of its code.
  if (grantId !== null) return event.kind === 'token' && !event.ok && fits()
  return event.kind !== 'token' && fits()
}

/** An approval, or a new key's first call, decides whose traffic counts from here on. */
function bind(progress: Progress, event: Traffic): Progress {
  const { grantId } = event
  if (!event.ok || grantId === undefined || grantId === progress.grantId) return progress
  const { found, registered } = progress.at
  const kept = { ...(found !== undefined && { found }), ...(registered !== undefined && { registered }) }
  return {
    ...progress,
    grantId,
    byKey: event.kind !== 'approved' && event.kind !== 'token',
    at: kept,
    problem: null,
  }
}

function succeed(progress: Progress, event: Traffic, step: TrafficStep): Progress {
  const index = trafficSteps.indexOf(step)
  const waits = event.kind === 'authorize'
  const { problem } = progress
  const mended = problem !== null && trafficSteps.indexOf(problem.step) <= index
  return {
    ...progress,
    asked: waits || (progress.asked && event.kind !== 'approved'),
    at: ticked(progress.at, waits ? index - 1 : index, event.at),
    problem: mended ? null : problem,
  }
}

function fail(progress: Progress, event: Traffic, step: TrafficStep): Progress {
  // that others were taken before says nothing about whoever is turned away now
  const isFull = event.problem?.code === 'too-many-in-window'
  const wasTaken = progress.at[step] !== undefined
  if (wasTaken && !(isFull && progress.grantId === null)) return progress
  const error = event.problem ?? {
    code: `${event.kind}-failed`,
    message: say('setup.connect.appAskedForSomething.message'),
    hint: say('setup.connect.appAskedForSomething.hint'),
  }
  const { code, message, hint } = error
  return {
    ...progress,
    asked: false,
    at: ticked(progress.at, trafficSteps.indexOf(step) - 1, event.at),
    problem: { step: wasTaken ? 'approve' : step, error: { code, message, hint } },
  }
}

/** Whoever came this far has done what comes before, perhaps earlier: apps remember metadata and registrations. */
function ticked(at: Progress['at'], upTo: number, time: number): Progress['at'] {
  const next = { ...at }
  for (const step of trafficSteps.slice(0, upTo + 1)) next[step] ??= time
  return next
}
