import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ConnectionRequest } from '../contract/access.ts'
import type { ApprovalDetails } from '../contract/approvals.ts'
import { json, startHarness } from './testing/harness.ts'

let h: Awaited<ReturnType<typeof startHarness>>
beforeAll(async () => {
  h = await startHarness()
})
afterAll(() => h.stop())
beforeEach(() => h.forget())

describe('keys and clients', () => {
  it('prints the token once, alone on its line on standard output', async () => {
    const made = await h.drawbridge('key', 'create', '--name', 'laptop', '--access', 'look')
    expect(made.out).toBe(`db_key_${'k'.repeat(40)}`)
    expect(made.err).toContain('“laptop”')
    expect(made.err).not.toContain('db_key_')
    expect(h.last('keys.create')).toEqual({
      ...{ name: 'laptop', abilities: [] },
      access: 'look',
      workspace: 'default',
      tools: null,
      expiresAt: null,
    })
    const machine = json(
      await h.drawbridge('key', 'create', '--name', 'two', '--workspace', 'work', '--json'),
    )
    expect(machine).toMatchObject({
      token: expect.stringMatching(/^db_key_/),
      grant: { name: 'two', access: 'ask' },
    })
    expect(h.last('keys.create')).toMatchObject({ workspace: 'work' })
    const narrow = ['--tool', 'files__read', '--tool', 'files__list', '--expires', '2099-01-31']
    await h.drawbridge('key', 'create', '--name', 'three', ...narrow)
    expect(h.last('keys.create')).toMatchObject({
      tools: ['files__read', 'files__list'],
      expiresAt: Date.parse('2099-01-31T23:59:59'),
    })
    const listed = await h.drawbridge('key', 'list')
    expect(listed.out).toContain('laptop')
    expect(listed.out).not.toContain('db_key_')
    expect((await h.drawbridge('key', 'create')).code).toBe(2)
    expect((await h.drawbridge('key', 'create', '--name', 'x', '--access', 'root')).code).toBe(2)
  })

  it('revokes what the name or id means, and only of that kind', async () => {
    await h.drawbridge('key', 'create', '--name', 'same')
    await h.drawbridge('key', 'create', '--name', 'same')
    await h.drawbridge('key', 'create', '--name', 'other')
    const unclear = await h.drawbridge('key', 'revoke', 'same')
    expect(unclear.code).toBe(2)
    expect(unclear.err).toContain('grant_0abc, grant_1abc')
    expect((await h.drawbridge('client', 'revoke', 'other')).code).toBe(4)
    expect((await h.drawbridge('key', 'revoke', 'Other')).code).toBe(0)
    expect((await h.drawbridge('key', 'revoke', 'grant_0abc')).code).toBe(0)
    expect((await h.drawbridge('key', 'revoke', 'same')).code).toBe(0)
    expect(h.state.grants).toEqual([])
    expect((await h.drawbridge('client', 'list')).out).toContain('No clients yet')
  })
})

describe('requests', () => {
  const connection = (id: string, more: Partial<ConnectionRequest> = {}): ConnectionRequest => ({
    id,
    clientName: 'Chat\u001b[31mGPT',
    clientId: 'c',
    registration: 'dynamic',
    redirectHost: 'chatgpt.com',
    expected: true,
    workspace: 'default',
    scopes: [],
    returning: false,
    needsDigits: true,
    askedAt: 0,
    expiresAt: 1_800_000_000_000,
    ...more,
  })
  const call = (id: string, more: Partial<ApprovalDetails> = {}): ApprovalDetails => ({
    id,
    grantId: 'grant_1',
    clientName: 'ChatGPT',
    tool: 'mail__send',
    toolId: 'mail__send',
    toolTitle: 'Send mail',
    source: 'Mail',
    sourceId: 'mail',
    risk: 'write',
    line: 'mail__send {"to":"ada"}',
    lineSeen: `seen ${id}`,
    sentence: null,
    why: 'access',
    readBefore: null,
    choices: ['once', '15m', 'exact', 'tool', 'never'],
    canEdit: false,
    arguments: '{\n  "to": "ada"\n}',
    seen: `seen ${id}`,
    state: 'waiting',
    askedAt: 0,
    expiresAt: 1_800_000_000_000,
    ...more,
  })

  it('shows both kinds', async () => {
    expect((await h.drawbridge('requests')).out).toBe('Nobody is waiting.')
    h.state.connections = [connection('conn_aaa111', { expected: false })]
    h.state.approvals = [call('appr_bbb222')]
    expect(json(await h.drawbridge('requests', '--json'))).toMatchObject({
      connections: [{ id: 'conn_aaa111' }],
      calls: [{ id: 'appr_bbb222' }],
    })
    const { out } = await h.drawbridge('requests')
    expect(out).toMatch(
      /conn_aaa111 .*Chat⟨U\+001B⟩\[31mGPT \(unverified\).*chatgpt\.com, NOT the client you expected/,
    )
    expect(out).toMatch(/appr_bbb222 .*runs mail__send \(write, of “Mail”, “Send mail”\) \{"to":"ada"\}$/)
    expect(out).not.toContain('\u001b')
  })

  const rest = '-'.repeat(300)
  const long = {
    line: 'mail__send {"to":"ada","text":"---…',
    lineSeen: null,
    arguments: `{\n  "to": "ada",\n  "text": "${rest}\\n[Allow once] \\u202e"\n}`,
  }

  it('cuts nothing that matters at the width of a terminal, and says how to see what is longer', async () => {
    h.state.connections = [
      connection('conn_aaa111', { redirectHost: `${'a'.repeat(60)}.chatgpt.com.evil.example` }),
    ]
    h.state.approvals = [call('appr_bbb222', { ...long, source: 'Mail” (read', clientName: '⟨U+202E⟩x' })]
    h.terminal.width = 40
    const { out } = await h.drawbridge('requests')
    expect(out).toContain('.chatgpt.com.evil.example')
    expect(out).toContain(' ⟨U+202E⟩x ')
    expect(out).toContain(
      '  runs mail__send (write, of “Mail⟨U+201D⟩ (read”, “Send mail”) {"to":"ada","text":"---…',
    )
    expect(out).toContain('drawbridge requests --full')
  })

  it('lets no name look like the columns beside it', async () => {
    const harmless = 'Ada  runs files__read (read, of “Files”) {}'
    h.state.connections = [connection('conn_aaa111', { clientName: 'GPT   connects from chatgpt.com' })]
    h.state.approvals = [call('appr_bbb222', { clientName: harmless })]
    const { out } = await h.drawbridge('requests')
    for (const line of out.split('\n').slice(1)) expect(line.split(/ {2,}/)).toHaveLength(4)
    expect(out).toContain('GPT ⟨U+0020⟩⟨U+0020⟩connects from')
    expect(out).toContain('Ada ⟨U+0020⟩runs files__read')
  })

  it('shows all of everybody who waits', async () => {
    h.state.connections = [connection('conn_aaa111')]
    h.state.approvals = [call('appr_bbb222', long), call('appr_bbb333', { risk: 'destructive' })]
    h.terminal.width = 40
    const { out } = await h.drawbridge('requests', '--full')
    expect(out).toContain('Who           Chat⟨U+001B⟩[31mGPT (unverified)')
    expect(out).toMatch(
      /^Tool +mail__send\nTool id +mail__send\nCalled +“Send mail”\nSource +Mail \(mail\)\nRisk +write$/m,
    )
    expect(out).toContain(`\n${long.arguments}\n\nCall appr_bbb333\n`)
    for (const one of ['\u202e', '\u001b']) expect(out).not.toContain(one)
    h.state.approvals = [call('appr_bbb222', { ...long, toolId: 'a\u009b31m\u202e' })]
    const machine = await h.drawbridge('requests', '--json')
    expect(json(machine).calls).toEqual(h.state.approvals)
    for (const one of ['\u202e', '\u009b']) expect(machine.out).not.toContain(one)
  })

  it('prints all of a call before it is allowed, and asks where a person can answer', async () => {
    h.state.approvals = [call('appr_bbb222', long)]
    h.answers.push(false)
    const no = await h.drawbridge('approve', 'bbb222')
    expect(no.code).toBe(5)
    expect(no.out).toContain(long.arguments)
    expect(h.questions).toEqual(['Allow once? [y/N] '])
    expect(h.last('approvals.decide')).toBeUndefined()
    h.answers.push(true)
    expect((await h.drawbridge('approve', 'bbb222')).code).toBe(0)
    expect(h.last('approvals.decide')).toMatchObject({ decision: 'once', seen: 'seen appr_bbb222' })
    h.called.length = 0
    h.answers.push(true)
    expect((await h.drawbridge('approve', 'bbb222', '--yes')).out).toContain(long.arguments)
    expect(h.questions).toHaveLength(2)
    expect(h.last('approvals.decide')).toMatchObject({ seen: 'seen appr_bbb222' })
    h.answers.length = 0
    h.called.length = 0
    for (const more of [[], ['--json']]) {
      const unasked = await h.drawbridge('approve', 'bbb222', ...more)
      expect([unasked.code, unasked.err]).toEqual([2, expect.stringContaining('approve appr_bbb222 --yes')])
      expect(unasked.out + unasked.err).toContain(long.arguments)
    }
    expect(h.last('approvals.decide')).toBeUndefined()
    const script = await h.drawbridge('approve', 'bbb222', '--yes', '--json')
    expect(json(script)).toMatchObject({
      approved: { kind: 'call', id: 'appr_bbb222' },
      call: { arguments: long.arguments },
    })
    expect(script.err).toContain(long.arguments)
  })

  it('lets what was changed run instead, once, and prints it first', async () => {
    h.state.approvals = [call('appr_bbb222', { canEdit: true })]
    const changed = '{"to":"bob\u202e"}'
    const done = await h.drawbridge('approve', 'bbb222', '--yes', '--change', changed)
    expect([done.code, done.out]).toEqual([
      0,
      expect.stringContaining('What runs instead:\n{"to":"bob\\u202e"}'),
    ])
    expect(h.last('approvals.decide')).toEqual({
      ...{ id: 'appr_bbb222', decision: 'once', seen: 'seen appr_bbb222', edited: changed },
    })
    h.state.approvals = [call('appr_bbb222', { canEdit: true })]
    const longer = await h.drawbridge('approve', 'bbb222', '--yes', '--change', changed, '--for', 'tool')
    expect([longer.code, longer.err]).toEqual([2, expect.stringContaining('allowed once')])
  })

  it('approves a connection with its digits', async () => {
    h.state.connections = [connection('conn_aaa111')]
    const without = await h.drawbridge('approve', 'conn_aaa111')
    expect(without.code).toBe(2)
    expect(without.err).toContain('--digits NNN')
    expect((await h.drawbridge('approve', 'conn_aaa111', '--digits', '999')).code).toBe(5)
    expect((await h.drawbridge('approve', 'conn_aaa111', '--digits', '12')).code).toBe(2)
    const result = json(await h.drawbridge('approve', 'aaa', '--digits', '123', '--access', 'look', '--json'))
    expect(result).toMatchObject({ approved: { kind: 'connection' }, grant: { access: 'look' } })
    expect(h.last('connections.approve')).toEqual({
      id: 'conn_aaa111',
      digits: '123',
      access: 'look',
      tools: null,
      expiresAt: null,
    })
  })

  it('approves a connection for some tools and some time', async () => {
    h.state.connections = [connection('conn_aaa111', { needsDigits: false })]
    await h.drawbridge('approve', 'aaa', '--tool', 'files__read', '--expires', '2099-01-31')
    expect(h.last('connections.approve')).toEqual({
      id: 'conn_aaa111',
      access: 'ask',
      tools: ['files__read'],
      expiresAt: Date.parse('2099-01-31T23:59:59'),
    })
  })

  it('approves and denies calls, by the beginning of their ids', async () => {
    h.state.connections = [connection('conn_aaa111', { needsDigits: false })]
    h.state.approvals = [call('appr_bbb222'), call('appr_bbb333')]
    expect((await h.drawbridge('approve', 'appr_bbb2', '--yes')).code).toBe(0)
    expect(h.last('approvals.decide')).toEqual({
      id: 'appr_bbb222',
      decision: 'once',
      seen: 'seen appr_bbb222',
    })
    expect((await h.drawbridge('deny', 'bbb333')).code).toBe(0)
    expect(h.last('approvals.decide')).toEqual({ id: 'appr_bbb333', decision: 'deny' })
    expect((await h.drawbridge('deny', 'appr_bbb')).code).toBe(2)
    expect((await h.drawbridge('approve', 'bb')).code).toBe(4)
    expect((await h.drawbridge('approve', 'bbb222', '--access', 'look')).code).toBe(2)
    expect((await h.drawbridge('approve', 'bbb222', '--tool', 'x')).code).toBe(2)
    expect((await h.drawbridge('deny', 'conn_aaa111')).code).toBe(0)
    expect(h.last('connections.deny')).toEqual({ id: 'conn_aaa111' })
    expect((await h.drawbridge('approve', 'conn_aaa111')).code).toBe(0)
  })
})
