import { describe, expect, it } from 'vitest'
import type { ConnectionRequest } from '../src/contract/access.ts'
import type { Approval } from '../src/contract/approvals.ts'
import type { Bridge, Status } from '../src/contract/status.ts'
import { BridgeState } from '../src/contract/status.ts'
import type { ShellState } from './shell-state.ts'
import { callFor, menuText, type TrayItem, trayModel } from './tray-model.ts'

const status = (state: Bridge['state']) => ({ bridge: { state } }) as Status
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
  status: status('open'),
  approvals: [],
  connections: [],
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
      expect(icon).toBe(bridge === 'raised' ? 'raised' : 'lowered')
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

  it('turns actions into calls of the contract', () => {
    expect(callFor({ do: 'approve', id: 'x', seen: 's' })).toEqual({
      name: 'approvals.decide',
      input: { id: 'x', decision: 'once', seen: 's' },
    })
    expect(callFor({ do: 'deny', id: 'x' }).input).toEqual({ id: 'x', decision: 'deny' })
    expect(callFor({ do: 'raise' }).name).toBe('bridge.raise')
    expect(callFor({ do: 'lower' }).name).toBe('bridge.lower')
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
