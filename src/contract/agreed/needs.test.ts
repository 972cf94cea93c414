import { describe, expect, it } from 'vitest'
import type { ConnectionRequest, Grant } from '../access.ts'
import type { Approval } from '../approvals.ts'
import type { Server } from '../servers.ts'
import type { Bridge, BridgeState, Notice } from '../status.ts'
import { BridgeState as States } from '../status.ts'
import { type HostState, needsOf } from './needs.ts'

const bridge = (state: BridgeState): Bridge => ({
  ...{ state, localUrl: 'http://127.0.0.1:4000/mcp', publicUrl: 'https://new.example/mcp' },
  ...{ message: 'm', hint: 'What to do.', since: 1 },
})
const server = (state: Server['state'], more: Partial<Server> = {}): Server =>
  ({
    ...{ id: state, name: state, state, error: null },
    health: { ok: null, lastError: null },
    signIn: { problem: null },
    ...more,
  }) as Server
const known = (more: Partial<HostState> = {}): HostState => ({ bridge: bridge('open'), notices: [], ...more })
const kinds = (what: HostState) => needsOf(what).map(({ kind, id }) => `${kind} ${id}`)

describe('what needs the user', () => {
  it('is nothing where all is well, however much there is', () => {
    const health = { ok: true, lastError: null } as Server['health']
    const fine = [server('running', { health }), server('starting'), server('stopped')]
    const grants = [{ lastOrigin: 'https://new.example' }, { lastOrigin: null }] as Grant[]
    const notices: Notice[] = [{ id: 'n', level: 'info', message: 'Updated.', hint: '' }]
    for (const state of States.options.filter((one) => one !== 'taken'))
      expect(kinds(known({ bridge: bridge(state), servers: fine, grants, notices }))).toEqual([])
  })

  it('is every server that does not do what it was added for', () => {
    const health = { ok: false, lastError: { at: 1, message: 'no answer' } } as Server['health']
    const servers = [
      server('failed'),
      server('waiting'),
      server('signed-out'),
      server('draft'),
      server('running', { health }),
    ]
    expect(kinds(known({ servers }))).toEqual([
      'server failed',
      'server waiting',
      'sign-in signed-out',
      'draft draft',
      'server running',
    ])
  })

  it('is an address that somebody else has, or that must be told', () => {
    const grants = [{ lastOrigin: 'https://old.example' }, { lastOrigin: 'https://older.example' }] as Grant[]
    expect(kinds(known({ bridge: bridge('taken'), grants }))).toEqual(['address taken'])
    expect(needsOf(known({ grants }))[0]).toMatchObject({
      kind: 'moved',
      title: '2 apps and keys know only your old address',
    })
    expect(kinds(known({ bridge: bridge('offline'), grants }))).toEqual([])
  })

  it('is what waits for an answer, the oldest first, before everything else', () => {
    const connections = [{ id: 'c', askedAt: 2, expiresAt: 9, clientName: 'App' }] as ConnectionRequest[]
    const approvals = [
      {
        id: 'a',
        askedAt: 1,
        expiresAt: 8,
        clientName: 'ChatGPT',
        tool: 't',
        toolTitle: '',
        state: 'waiting',
      },
      { id: 'b', askedAt: 3, expiresAt: 8, clientName: 'ChatGPT', tool: 't', toolTitle: '', state: 'used' },
    ] as Approval[]
    const notices: Notice[] = [{ id: 'n', level: 'warning', message: 'Damaged.', hint: '' }]
    const all = known({ connections, approvals, notices, servers: [server('failed')] })
    expect(kinds(all)).toEqual(['call a', 'connection c', 'server failed', 'notice n'])
    expect(needsOf(all).map(({ until }) => until)).toEqual([8, 9, null, null])
  })

  it('names strangers on one line, in quotes that they cannot end, with what would not be seen written out', () => {
    const name = 'Files” works\n\u202eevil'
    const [need] = needsOf(known({ servers: [server('failed', { name })] }))
    expect(need!.title).toBe('“Files⟨U+201D⟩ works⟨U+000A⟩⟨U+202E⟩evil” does not work')
  })

  it('is a client whose questions are held back, and for how long', () => {
    const grants = [
      { id: 'g1', name: 'Chat\u202eGPT', lastOrigin: null, heldBackUntil: 5_000 },
      { id: 'g2', name: 'Claude', lastOrigin: null, heldBackUntil: null },
    ] as Grant[]
    expect(needsOf(known({ grants }))).toEqual([
      {
        ...{ kind: 'held-back', id: 'g1', until: 5_000 },
        title: 'Questions of “Chat⟨U+202E⟩GPT” are not put to you for now',
        text: 'You said no to several of them in a row. What it asks meanwhile is refused.',
      },
    ])
  })
})
