import { say } from '../locales/say.ts'
import type { ConnectionRequest } from '../src/contract/access.ts'
import type { Approval } from '../src/contract/approvals.ts'
import { nativeHost, nativeLine, nativeName, nativeOrigin, seenInLine, writtenName } from './native-text.ts'
import type { ShellState } from './shell-state.ts'

export type TrayAction =
  /** `seen`: the approval's `lineSeen`. */
  | { do: 'approve'; id: string; seen: string }
  | { do: 'deny'; id: string }
  | { do: 'raise' }
  | { do: 'lower' }
  | { do: 'open' }
  /** Opens the window on this request. */
  | { do: 'review'; id: string }
  | { do: 'quit' }

/** The contract's call that an action stands for. */
export function callFor(action: Exclude<TrayAction, { do: 'open' | 'review' | 'quit' }>): {
  name: string
  input: unknown
} {
  switch (action.do) {
    case 'approve':
      return { name: 'approvals.decide', input: { id: action.id, decision: 'once', seen: action.seen } }
    case 'deny':
      return { name: 'approvals.decide', input: { id: action.id, decision: 'deny' } }
    case 'raise':
      return { name: 'bridge.raise', input: undefined }
    case 'lower':
      return { name: 'bridge.lower', input: undefined }
  }
}

export type TrayItem =
  | { kind: 'separator' }
  | { kind: 'text'; label: string }
  | { kind: 'action'; label: string; action: TrayAction }
  | { kind: 'submenu'; label: string; items: readonly TrayItem[] }

/** Which picture: pulled up, down, or something waits for the user. */
export type TrayIcon = 'raised' | 'lowered' | 'attention'

export interface TrayModel {
  icon: TrayIcon
  tooltip: string
  items: readonly TrayItem[]
}

/** Menus longer than this cannot be read; the rest is in the window. */
const shownAtMost = 8

/** Doubled, because a single one marks a shortcut. */
const escaped = (text: string): string => text.replaceAll('&', '&&')

/** A stranger's text as part of a menu line. */
export const menuText = (text: string, longest = 40): string => escaped(nativeName(text, longest))

const separator: TrayItem = { kind: 'separator' }
const open: TrayAction = { do: 'open' }

function approvalItem(approval: Approval): TrayItem {
  const { id } = approval
  const seen = seenInLine(approval)
  const allow: TrayItem[] =
    seen === null
      ? []
      : [{ kind: 'action', label: say('approvals.allowOnce'), action: { do: 'approve', id, seen } }]
  return {
    kind: 'submenu',
    label: say('need.call', {
      name: escaped(writtenName(approval.clientName, 24)),
      what: menuText(approval.tool, 64),
    }),
    items: [
      { kind: 'text', label: escaped(nativeLine(approval)) },
      { kind: 'text', label: escaped(nativeOrigin(approval)) },
      separator,
      // The first line that can be chosen is the one a stray Enter hits: it only shows.
      { kind: 'action', label: say('native.review'), action: { do: 'review', id } },
      ...allow,
      { kind: 'action', label: say('native.dontAllow'), action: { do: 'deny', id } },
    ],
  }
}

const connectionItem = (request: ConnectionRequest): TrayItem => ({
  kind: 'action',
  label: say('tray.connection', {
    name: menuText(request.clientName, 24),
    host: escaped(nativeHost(request.redirectHost, 40)),
  }),
  action: { do: 'review', id: request.id },
})

function waitingItems(state: ShellState): TrayItem[] {
  const waiting = [...state.connections.map(connectionItem), ...state.approvals.map(approvalItem)]
  if (waiting.length === 0) return []
  const rest = waiting.length - shownAtMost
  const more: TrayItem[] =
    rest > 0 ? [{ kind: 'action', label: say('tray.more', { count: rest }), action: open }] : []
  return [separator, ...waiting.slice(0, shownAtMost), ...more]
}

/** The tray's picture, tooltip and menu for a state of the host. */
export function trayModel(state: ShellState): TrayModel {
  const bridge = state.status?.bridge.state
  const line = bridge === undefined ? say('tray.starting') : say(`tray.state.${bridge}`)
  const waiting = state.approvals.length + state.connections.length
  const lower: TrayItem = { kind: 'action', label: say('tray.lower'), action: { do: 'lower' } }
  const openUp: TrayItem = { kind: 'action', label: say('tray.openUp'), action: { do: 'lower' } }
  const raise: TrayItem = { kind: 'action', label: say('tray.raise'), action: { do: 'raise' } }
  const levers =
    bridge === undefined ? [] : bridge === 'raised' ? [lower] : bridge === 'local' ? [openUp, raise] : [raise]
  return {
    icon: waiting > 0 ? 'attention' : bridge === 'raised' ? 'raised' : 'lowered',
    tooltip: `Drawbridge: ${line}${waiting > 0 ? `\n${say('tray.waiting', { count: waiting })}` : ''}`,
    items: [
      { kind: 'text', label: line },
      ...waitingItems(state),
      separator,
      ...levers,
      ...(levers.length > 0 ? [separator] : []),
      { kind: 'action', label: say('tray.open'), action: open },
      { kind: 'action', label: say('tray.quit'), action: { do: 'quit' } },
    ],
  }
}
