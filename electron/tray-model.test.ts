import { describe, expect, it } from 'vitest'
import { type ConnectionRequest, Grant } from '../src/contract/access.ts'
import { Call } from '../src/contract/activity.ts'
import type { Approval } from '../src/contract/approvals.ts'
import { Rule } from '../src/contract/rules.ts'
import { Server } from '../src/contract/servers.ts'
import type { Bridge, Notice, Status } from '../src/contract/status.ts'
import { BridgeState } from '../src/contract/status.ts'
import { sampleOf } from '../src/contract/testing/sample.ts'
import { nothingKnown, type ShellState } from './shell-state.ts'
import { callFor, questionBefore } from './tray-actions.ts'
import { menuText, trayModel as modelAt, type TrayItem } from './tray-model.ts'

const now = Date.parse('2026-11-28T12:00')
const trayModel = (state: ShellState) => modelAt(state, now)
const status = (state: Bridge['state'], notices: Notice[] = []) =>
  ({ bridge: { state, publicUrl: null, message: 'm', hint: 'h' }, notices }) as unknown as Status
const approval = (fields: Partial<Approval> = {}) =>
  ({
    id: 'ap_1',
    clientName: 'ChatGPT',
    tool: 'files__write',
    toolId: 'files__write',
    toolTitle: 'Write a file',
    source: 'Files',
    line: 'files__write {"path":"a & b"}',
    lineSeen: 'hash-of-line',
    ...fields,
  }) as Approval
const connection = (fields: Partial<ConnectionRequest> = {}) =>
  ({ id: 'cr_1', clientName: 'ChatGPT', redirectHost: 'chatgpt.com', ...fields }) as ConnectionRequest
const state = (fields: Partial<ShellState> = {}): ShellState => ({
  ...nothingKnown,
  status: status('open'),
  ...fields,
})
const labels = (items: readonly TrayItem[]) =>
  items.flatMap((item) => (item.kind === 'separator' ? [] : [item.label]))

describe('the tray', () => {
  it('always says what the bridge does, and offers the switch that fits', () => {
    for (const bridge of BridgeState.options) {
      const { items, icon } = trayModel(state({ status: status(bridge) }))
      expect(items[0]).toMatchObject({ kind: 'text', label: expect.stringMatching(/\S/) })
      const shown = labels(items)
      expect(shown.includes('Raise the bridge')).toBe(bridge !== 'raised')
      expect(shown.includes('Lower the bridge')).toBe(bridge === 'raised')
      expect(shown.includes('Open the public address')).toBe(bridge === 'local')
      const icons = { raised: 'raised', offline: 'trouble', taken: 'trouble' } as const
      expect(icon).toBe(bridge in icons ? icons[bridge as keyof typeof icons] : 'lowered')
      expect(shown.slice(-2)).toEqual(['Open Drawbridge', 'Quit'])
    }
  })

  it('has no levers before the host answered', () => {
    const { items, icon } = trayModel(state({ status: null }))
    expect(labels(items)).toEqual(['Starting…', 'Open Drawbridge', 'Quit'])
    expect(icon).toBe('lowered')
  })

  it('shows client, tool and arguments of a waiting call, and decides only in the second step', () => {
    const { items, icon, tooltip } = trayModel(state({ approvals: [approval()] }))
    expect(icon).toBe('attention')
    expect(tooltip).toContain('1 waiting for you')
    const entry = items.find((item) => item.kind === 'submenu')!
    expect(entry.label).toBe('ChatGPT wants to use files__write')
    expect(entry.items).toEqual([
      { kind: 'text', label: 'files__write {"path":"a && b"}' },
      { kind: 'text', label: 'From Files (files__write)' },
      { kind: 'separator' },
      { kind: 'action', label: 'Review…', action: { do: 'review', id: 'ap_1' } },
      { kind: 'action', label: 'Allow once', action: { do: 'approve', id: 'ap_1', seen: 'hash-of-line' } },
      { kind: 'action', label: "Don't allow", action: { do: 'deny', id: 'ap_1' } },
    ])
  })

  it.each([
    ['the line is not all of it, or the call can delete', { lineSeen: null }],
    ['the system would draw the line in another order', { line: 'files__write {"path":"א/../ב"}' }],
  ])('only leads to the window when %s', (_why, fields) => {
    const { items } = trayModel(state({ approvals: [approval(fields)] }))
    const entry = items.find((item) => item.kind === 'submenu')!
    expect(labels(entry.items).slice(2)).toEqual(['Review…', "Don't allow"])
  })

  it('only opens the window for a waiting connection', () => {
    const { items, icon } = trayModel(state({ connections: [connection()] }))
    expect(icon).toBe('attention')
    expect(items).toContainEqual({
      kind: 'action',
      label: 'ChatGPT wants to connect (chatgpt.com)…',
      action: { do: 'review', id: 'cr_1' },
    })
  })

  it('stays short when much waits', () => {
    const approvals = Array.from({ length: 30 }, (_, i) => approval({ id: `ap_${i}` }))
    const shown = labels(trayModel(state({ approvals })).items)
    expect(shown.filter((label) => label.includes('wants to use'))).toHaveLength(8)
    expect(shown).toContain('22 more…')
  })

  it('calls a tool by the name it has here, whatever its server calls it', () => {
    const { items } = trayModel(state({ approvals: [approval({ toolTitle: 'Look at the weather' })] }))
    expect(labels(items)).toContain('ChatGPT wants to use files__write')
  })

  it('offers for each that may come in a pause and its end, and for all of them the end', () => {
    const grants = [
      sampleOf(Grant, {
        id: 'g1',
        kind: 'client',
        name: 'MCP — ChatGPT',
        access: 'ask',
        redirectHost: 'chatgpt.com',
        lastSeenAt: 1,
      }),
      sampleOf(Grant, {
        id: 'g2',
        kind: 'key',
        name: 'Script',
        access: 'look',
        lastSeenAt: 2,
        pausedUntil: now + 3_600_000,
      }),
      sampleOf(Grant, { id: 'g3', kind: 'key', name: 'Over', expiresAt: now - 1 }),
    ]
    const { items } = trayModel(state({ grants }))
    expect(items.filter((item) => item.kind === 'submenu')).toEqual([
      {
        kind: 'submenu',
        label: 'Script (paused until 13:00)',
        items: [
          { kind: 'text', label: 'Look only' },
          { kind: 'separator' },
          { kind: 'action', label: 'Resume', action: { do: 'resume', id: 'g2' } },
          {
            kind: 'action',
            label: 'Revoke…',
            action: {
              do: 'revoke',
              id: 'g2',
              name: 'Script',
              means: expect.stringContaining('The key cannot be brought back'),
            },
          },
        ],
      },
      {
        kind: 'submenu',
        label: 'MCP — ChatGPT',
        items: [
          { kind: 'text', label: 'Ask before changes' },
          { kind: 'separator' },
          { kind: 'action', label: 'Pause 1 hour', action: { do: 'pause', id: 'g1' } },
          {
            kind: 'action',
            label: 'Revoke…',
            action: {
              do: 'revoke',
              id: 'g1',
              name: 'MCP — ChatGPT',
              means: expect.stringContaining('it must ask you again'),
            },
          },
        ],
      },
    ])
    expect(labels(items)).toContain('Raise and end all access…')
    expect(labels(trayModel(state()).items)).not.toContain('Raise and end all access…')
    const long = trayModel(state({ grants: [{ ...grants[1]!, pausedUntil: now + 5 * 86_400_000 }] }))
    expect(labels(long.items)).toContain('Script (paused until 3 Dec 12:00)')
  })

  it('takes back the last rule that holds, and all of one assistant', () => {
    const rule = (fields: Partial<Rule>) =>
      sampleOf(Rule, {
        ...{ effect: 'allow', clientName: 'ChatGPT', tool: 'mail__send', since: now },
        ...{ exactly: null, inChat: false, until: null, ...fields },
      })
    const grant = sampleOf(Grant, { kind: 'client', name: 'ChatGPT', expiresAt: null, pausedUntil: null })
    const grants = [
      { ...grant, id: 'g1' },
      { ...grant, id: 'g2', name: 'Claude' },
    ]
    const rules = [
      rule({ id: 'r4', grantId: 'g2', until: now }),
      rule({ id: 'r3', grantId: 'g1', effect: 'never', tool: 'a\n& b', clientName: 'R & D', until: null }),
      rule({ id: 'r2', grantId: 'g1', until: now + 1 }),
      rule({ id: 'r1', grantId: 'g3', until: null }),
    ]
    const last = (state: Partial<ShellState>) =>
      trayModel({ ...nothingKnown, grants, ...state }).items.filter(
        (item) => item.kind === 'action' && item.action.do === 'revoke-rule',
      )
    expect(last({ rules })).toEqual([
      {
        kind: 'action',
        label: 'Revoke the last rule: R && D may never use a⟨U+000A⟩&& b (since 12:00)',
        action: { do: 'revoke-rule', id: 'r3' },
      },
    ])
    expect(last({ rules: rules.slice(2) })).toMatchObject([
      { label: 'Revoke the last rule: ChatGPT may use mail__send with anything until 12:00 (since 12:00)' },
    ])
    const kinds: [Partial<Rule>, string][] = [
      [{ until: now + 15 * 60_000 }, 'with anything until 12:15'],
      [{}, 'with anything'],
      [{ inChat: true, until: now + 86_400_000 }, 'in one chat'],
      [{ exactly: 'mail__send {}' }, 'with exactly the same'],
      [{ exactly: 'mail__send {}', until: now + 3_600_000 }, 'with exactly the same until 13:00'],
    ]
    for (const [fields, words] of kinds)
      expect(last({ rules: [rule({ id: 'r', grantId: 'g1', ...fields })] })).toMatchObject([
        { label: `Revoke the last rule: ChatGPT may use mail__send ${words} (since 12:00)` },
      ])
    expect(last({ rules: rules.slice(0, 1) })).toEqual([])
    const [chatGpt, claude] = trayModel(state({ grants, rules })).items.filter(
      (item) => item.kind === 'submenu',
    )
    expect(chatGpt!.items).toContainEqual({
      kind: 'action',
      label: 'Revoke all rules of this assistant…',
      action: { do: 'revoke-rules', id: 'g1', name: 'ChatGPT' },
    })
    expect(labels(claude!.items)).toEqual(['Look only', 'Pause 1 hour', 'Revoke…'])
  })

  it('shows the last calls, each in one line that leads to the log', () => {
    const calls = ['answered', 'denied'].map((outcome, i) =>
      sampleOf(Call, {
        id: `c${i}`,
        at: now,
        clientName: 'ChatGPT',
        tool: 'files__read',
        decision: 'allowed',
        outcome: outcome as 'denied',
      }),
    )
    const { items } = trayModel(state({ calls }))
    expect(items).toContainEqual({
      kind: 'submenu',
      label: 'Last calls',
      items: [
        {
          kind: 'action',
          label: '12:00 ChatGPT: files__read (Answered)',
          action: { do: 'open', page: 'activity' },
        },
        {
          kind: 'action',
          label: '12:00 ChatGPT: files__read (Not allowed)',
          action: { do: 'open', page: 'activity' },
        },
      ],
    })
  })

  it('shows trouble that only the user can set right, unless the bridge is up or something waits', () => {
    const servers = [sampleOf(Server, { id: 's', name: 'Files', state: 'failed' })]
    const notice: Notice = { id: 'n', level: 'warning', message: 'A key was made.', hint: '' }
    for (const wrong of [{ servers }, { status: status('open', [notice]) }]) {
      const { icon, tooltip } = trayModel(state(wrong))
      expect([icon, tooltip]).toEqual(['trouble', 'Drawbridge: The bridge is down\n1 thing needs you'])
    }
    expect(trayModel(state({ servers })).items).toContainEqual({
      kind: 'action',
      label: '“Files” does not work',
      action: { do: 'open' },
    })
    expect(trayModel(state({ servers, status: status('raised') })).icon).toBe('raised')
    expect(trayModel(state({ servers, approvals: [approval()] })).icon).toBe('attention')
    const draft = sampleOf(Server, { id: 's', name: 'Draft', state: 'draft' })
    expect(trayModel(state({ servers: [draft] })).icon).toBe('lowered')
  })

  it('turns actions into calls of the contract', () => {
    expect(callFor({ do: 'approve', id: 'x', seen: 's' })).toEqual({
      name: 'approvals.decide',
      input: { id: 'x', decision: 'once', seen: 's' },
    })
    expect(callFor({ do: 'deny', id: 'x' }).input).toEqual({ id: 'x', decision: 'deny' })
    expect(callFor({ do: 'raise' }).name).toBe('bridge.raise')
    expect(callFor({ do: 'lower' }).name).toBe('bridge.lower')
    expect(callFor({ do: 'end-all' })).toEqual({ name: 'bridge.raise', input: { endAllAccess: true } })
    for (const one of ['pause', 'resume'] as const)
      expect(callFor({ do: one, id: 'g' })).toEqual({ name: `grants.${one}`, input: { id: 'g' } })
    expect(callFor({ do: 'revoke-rule', id: 'r' })).toEqual({ name: 'rules.revoke', input: { id: 'r' } })
    const all = callFor({ do: 'revoke-rules', id: 'g', name: 'n' })
    expect(all).toEqual({ name: 'rules.revokeAll', input: { grantId: 'g' } })
  })

  it('asks before what cannot be taken back, and before nothing else', () => {
    const revoke = { do: 'revoke', id: 'g', name: 'A”? It is B', means: 'It is cut off.' } as const
    expect(questionBefore(revoke)).toMatchObject({
      message: 'Revoke “A⟨U+201D⟩? It is B”?',
      detail: 'It is cut off.',
      act: 'Revoke',
    })
    expect(questionBefore({ do: 'end-all' })?.detail).toMatch(/connected anew.*every program needs a new key/)
    expect(questionBefore({ do: 'revoke-rules', id: 'g', name: 'A' })?.message).toBe(
      'Revoke all rules of “A”?',
    )
    for (const action of [
      { do: 'revoke-rule', id: 'r' },
      { do: 'raise' },
      { do: 'lower' },
      { do: 'pause', id: 'g' },
      { do: 'deny', id: 'a' },
    ] as const)
      expect(questionBefore(action)).toBeNull()
  })
})

describe('text of strangers in a menu', () => {
  it.each([
    ['two\nlines\t', 'two⟨U+000A⟩lines'],
    ['\u202Eevil\u2066', '⟨U+202E⟩evil⟨U+2066⟩'],
    ['zero\u200Bwidth', 'zero⟨U+200B⟩width'],
    ['R&D', 'R&&D'],
    ['שם', '\u2066שם\u2069'],
    ['   ', '(no name)'],
    ['', '(no name)'],
  ])('%j becomes %j', (text, shown) => expect(menuText(text)).toBe(shown))

  it('cuts long names by letters, not by halves of them', () => {
    expect(menuText('🙂'.repeat(100), 10)).toBe(`${'🙂'.repeat(9)}…`)
  })
})
