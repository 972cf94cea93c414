import { beforeEach, expect, it } from 'vitest'
import type { Grant } from '../contract/access.ts'
import { originOfTunnel } from '../mcp/tunnelled.ts'
import { MovedAddress, type MovedDeps } from './moved.ts'

const [old, fresh] = ['https://old.example', 'https://new.example']
let grants: Grant[]
let connections: { redirectHost: string; workspace: string }[]
let values: Map<string, unknown>
let now: number
let expects: 'chatgpt' | null
const settings = {
  get: (name: string) => values.get(name),
  set: (name: string, value: unknown) => void values.set(name, structuredClone(value)),
  delete: (name: string) => void values.delete(name),
} as never

const grant = (id: string, more: Partial<Grant> = {}): Grant => ({
  ...{ id, kind: 'client', clientId: `client-${id}`, name: `MCP — ${id}`, redirectHost: 'chatgpt.com' },
  ...{ workspace: 'default', access: 'ask', tools: null, createdAt: 1, lastSeenAt: 2, lastOrigin: old },
  ...{ expiresAt: null, sessions: [], callsToday: 0, served: null },
  ...more,
})
const begin = (more: Partial<MovedDeps> = {}) =>
  new MovedAddress({
    settings,
    clock: { now: () => now },
    grants: () => grants,
    connections: () => connections,
    expects: () => expects,
    addressOf: (workspace) => `${fresh}/mcp${workspace === 'default' ? '' : `/${workspace}`}`,
    ...more,
  })
const statesOf = (moved: MovedAddress, id: string) =>
  moved
    .now()
    ?.apps.find(({ grantId }) => grantId === id)
    ?.steps.map(({ state }) => state)

beforeEach(() => {
  values = new Map()
  connections = []
  expects = null
  now = 100
  grants = [
    grant('chatgpt'),
    grant('claude', { redirectHost: 'claude.ai', workspace: 'home' }),
    grant('script', { kind: 'key', redirectHost: null, clientId: null }),
    grant('editor', { lastOrigin: 'http://127.0.0.1:4000' }),
  ]
})

it('says what to do in each app that knew the old address, and in no other', () => {
  const moved = begin()
  expect(moved.now()).toBeNull()
  moved.moved(old, fresh)
  const move = moved.now()!
  expect(move).toMatchObject({ from: old, to: fresh, at: 100, done: false })
  expect(move.apps.map(({ grantId, client, state }) => [grantId, client, state])).toEqual([
    ['chatgpt', 'chatgpt', 'to-do'],
    ['claude', 'claude', 'to-do'],
    ['script', 'other', 'to-do'],
  ])
  expect(move.apps.map(({ steps }) => steps.map(({ id }) => id))).toEqual([
    ['remove', 'listen', 'enter', 'allow', 'use'],
    ['remove', 'listen', 'enter', 'allow', 'use'],
    ['enter', 'use'],
  ])
  // The address of its own workspace, to copy.
  expect(move.apps[1]!.steps[2]!.copy?.value).toBe(`${fresh}/mcp/home`)
})

it('to a tunnel that is chosen by its id: ChatGPT is given that, and others are told that they need another way', () => {
  const tunnelId = `tunnel_${'ab'.repeat(16)}`
  const moved = begin({ tunnelId: () => tunnelId, addressOf: () => null })
  moved.moved(old, originOfTunnel(tunnelId))
  const { apps, tunnelId: shown } = moved.now()!
  expect(shown).toBe(tunnelId)
  const [chatgpt, claude, script] = apps.map(({ steps }) => steps.find(({ id }) => id === 'enter')!)
  expect(chatgpt).toMatchObject({
    text: expect.stringContaining('Choose “Tunnel”'),
    copy: { value: tunnelId },
  })
  for (const other of [claude, script])
    expect(other).toMatchObject({ text: expect.stringContaining('ChatGPT and Codex only'), copy: null })
  // And away from one: it is named as people know it.
  grants = grants.map((one) => ({ ...one, lastOrigin: originOfTunnel(tunnelId) }))
  const back = begin()
  back.moved(originOfTunnel(tunnelId), fresh)
  expect(back.now()).toMatchObject({ from: tunnelId, to: fresh })
})

it('ticks the steps by what the app does at the new address, also over a restart', () => {
  begin().moved(old, fresh)
  const moved = begin()
  expect(statesOf(moved, 'chatgpt')).toEqual(['now', 'later', 'later', 'later', 'later'])
  expects = 'chatgpt'
  expect(statesOf(moved, 'chatgpt')).toEqual(['done', 'done', 'now', 'later', 'later'])
  connections = [{ redirectHost: 'chatgpt.com', workspace: 'default' }]
  expect(statesOf(moved, 'chatgpt')).toEqual(['done', 'done', 'done', 'now', 'later'])
  expect(statesOf(moved, 'claude'), 'somebody else asks').toEqual(['now', 'later', 'later', 'later', 'later'])
  connections = []
  const session = { id: 's', origin: fresh, startedAt: 101, lastUsedAt: null }
  grants[0] = grant('chatgpt', { sessions: [session] })
  expect(statesOf(moved, 'chatgpt')).toEqual(['done', 'done', 'done', 'done', 'now'])
  grants[0] = grant('chatgpt', { sessions: [session], lastOrigin: fresh })
  expect(statesOf(moved, 'chatgpt')).toEqual(['done', 'done', 'done', 'done', 'done'])
  expect(moved.now()!.apps[0]!.state).toBe('back')
  expect(moved.now()!.done).toBe(false)
  grants = [grants[0]!, grant('script', { kind: 'key', redirectHost: null, lastOrigin: fresh })]
  expect(moved.now(), 'who was revoked need not be told').toMatchObject({ done: true })
})

it('knows an app that came back as a new entry, so that the old one can be removed', () => {
  const moved = begin()
  moved.moved(old, fresh)
  now = 200
  grants.push(grant('chatgpt again', { createdAt: 50, lastOrigin: fresh }))
  expect(moved.now()!.apps[0]!.state, 'it was there before').toBe('to-do')
  grants.push(grant('chatgpt anew', { createdAt: 200, lastOrigin: fresh }))
  expect(moved.now()!.apps[0]!.state).toBe('anew')
})

it('remembers who was not told when the address changes again', () => {
  const moved = begin()
  moved.moved(old, fresh)
  grants[0] = grant('chatgpt', { lastOrigin: fresh })
  moved.moved(fresh, 'https://newest.example')
  expect(moved.now()!.apps.map(({ grantId }) => grantId)).toEqual(['chatgpt', 'claude', 'script'])
  expect(moved.now()!.apps[0]!.state).toBe('to-do')
})
