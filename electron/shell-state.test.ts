import { expect, it } from 'vitest'
import type { HostDoor } from './ipc.ts'
import { followHost, nothingKnown, type ShellState } from './shell-state.ts'

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
  expect(followed.state()).toEqual({
    ...nothingKnown,
    status: { version: '1' },
    approvals: [{ id: 'a' }],
  })
  emit('approvals.changed', [])
  emit('tools.changed', {})
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
  expect(followed.state()).toEqual(nothingKnown)
})

it('keeps the last five calls, the newest first, and draws once for many', async () => {
  const { host, emit } = fakeHost({ 'activity.list': [{ id: 'c0', at: 0 }] })
  let drawn = 0
  const followed = await followHost(host, () => {
    drawn += 1
  })
  drawn = 0
  for (let i = 1; i <= 100; i += 1) emit('activity.added', { id: `c${i}`, at: i, outcome: 'running' })
  emit('activity.added', { id: 'c99', at: 99, outcome: 'answered' })
  await expect.poll(() => drawn).toBe(1)
  expect(followed.state().calls.map(({ id }) => id)).toEqual(['c100', 'c99', 'c98', 'c97', 'c96'])
  expect(followed.state().calls[1]).toMatchObject({ outcome: 'answered' })
  followed.stop()
})

it('asks again, once for many changes, for what events only say has changed', async () => {
  const answers: Record<string, unknown> = { 'grants.list': [], 'servers.list': [] }
  const { host, emit } = fakeHost(answers)
  let asked = 0
  const counting: HostDoor = {
    ...host,
    dispatch(name, input) {
      if (name === 'grants.list') asked += 1
      return host.dispatch(name, input)
    },
  }
  const followed = await followHost(counting, () => {})
  answers['grants.list'] = [{ id: 'g' }]
  answers['servers.list'] = [{ id: 's' }]
  for (let i = 0; i < 50; i += 1) emit('grants.changed', {})
  emit('servers.changed', {})
  await expect
    .poll(() => [followed.state().grants, followed.state().servers])
    .toEqual([[{ id: 'g' }], [{ id: 's' }]])
  expect(asked).toBe(2)
  followed.stop()
  emit('grants.changed', {})
  await new Promise((done) => setTimeout(done, 400))
  expect(asked).toBe(2)
})
