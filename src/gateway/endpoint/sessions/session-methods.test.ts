import { expect, it } from 'vitest'
import { TrackedSet } from '../../../kernel/tracked-set.ts'
import { createSessionMethods } from './session-methods.ts'
import type { Session } from './sessions.ts'

it('a request is taken back by its id, also when that comes as a text', () => {
  const stopped: unknown[] = []
  const running = new TrackedSet<{ id: string | number; place: number; stop(): void }>()
  for (const id of [7, '8', 8]) running.add({ id, place: -1, stop: () => stopped.push(id) })
  const { notified } = createSessionMethods({ subscriptions: {}, sessions: {} } as never)
  const session = { running } as unknown as Session
  for (const requestId of ['7', '8', 9]) notified(session, 'notifications/cancelled', { requestId })
  expect(stopped).toEqual([7, '8'])
})
