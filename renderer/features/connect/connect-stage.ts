import type { ClientKind, ConnectWindow } from '../../../src/contract/access.ts'
import type { ConnectFlow } from '../../../src/contract/setup.ts'

/**
 * How far a connection is. `in`: it has its pass and only has to be used; `stuck`: it is in, but something of it does not work;
 * `entering`: it was let in and fetches its pass; `waiting`: the ten minutes run for it; `idle`: nobody waits for it.
 */
export type Stage = 'idle' | 'waiting' | 'entering' | 'stuck' | 'in' | 'done'

export function stageOf(flow: ConnectFlow, window: ConnectWindow, now: number): Stage {
  if (flow.done) return 'done'
  const state = (id: string) => flow.steps.find((step) => step.id === id)?.state
  // A program with a key has no steps of signing in.
  const isIn = state('token') === 'done' || (state('token') === undefined && state('look') === 'done')
  if (isIn) return flow.steps.some((step) => step.state === 'failed') ? 'stuck' : 'in'
  if (state('approve') === 'done' && state('token') !== 'failed') return 'entering'
  return isWaiting(flow.client, window, now) ? 'waiting' : 'idle'
}

/** Whether this app, and no other, may ask to be let in. */
export const isWaiting = (client: ClientKind, window: ConnectWindow, now: number): boolean =>
  window.open && window.expects === client && window.closesAt !== null && window.closesAt > now
