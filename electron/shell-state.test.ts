import { expect, it } from 'vitest'
import type { HostDoor } from './ipc.ts'
import { followHost, type ShellState } from './shell-state.ts'

function fakeHost(answers: Record<string, unknown>, gate: Promise<void> = Promise.resolve()) {
  const listeners = new Set<(name: string, payload: unknown) => void>()
  const host: HostDoor = {
    async dispatch(name) {
      const value = answers[name]
      await gate
      if (value === undefined) return { ok: false, error: { code: 'x', message: 'm', hint: 'h' } }
      return { ok: true, value }
    },
    on(listen) {
      listeners.add(listen)
      return () => listeners.delete(listen)
    },
  }
  const emit = (name: string, payload: unknown) => {
    for (const listen of listeners) listen(name, payload)
  }
  return { host, emit, listeners }
}

it('starts from the answers and keeps up by events', async () => {
  const { host, emit, listeners } = fakeHost({
    'status.get': { version: '1' },
    'approvals.list': [{ id: 'a' }],
    'connections.list': [],
  })
  const seen: ShellState[] = []
  const followed = await followHost(host, (state) => seen.push(state))
  expect(followed.state()).toEqual({ status: { version: '1' }, approvals: [{ id: 'a' }], connections: [] })
  emit('approvals.changed', [])
  emit('activity.added', {})
  expect(followed.state().approvals).toEqual([])
  expect(seen.at(-1)).toBe(followed.state())
  followed.stop()
  expect(listeners.size).toBe(0)
})

it('believes an event more than an answer that was under way', async () => {
  const gate = Promise.withResolvers<void>()
  const { host, emit } = fakeHost(
    { 'status.get': {}, 'approvals.list': [{ id: 'old' }], 'connections.list': [] },
    gate.promise,
  )
  const following = followHost(host, () => {})
  emit('approvals.changed', [{ id: 'new' }])
  gate.resolve()
  expect((await following).state().approvals).toEqual([{ id: 'new' }])
})

it('lives with a host that cannot answer', async () => {
  const followed = await followHost(fakeHost({}).host, () => {})
  expect(followed.state()).toEqual({ status: null, approvals: [], connections: [] })
})
