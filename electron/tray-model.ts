import { say } from '../locales/say.ts'
import type { ConnectionRequest, Grant } from '../src/contract/access.ts'
import type { Call } from '../src/contract/activity.ts'
import { callOutcome } from '../src/contract/agreed/call-outcome.ts'
import { type Need, needsOf } from '../src/contract/agreed/needs.ts'
import { revokeMeans } from '../src/contract/agreed/revoke-means.ts'
import type { Approval } from '../src/contract/approvals.ts'
import type { Rule } from '../src/contract/rules.ts'
import type { BridgeState } from '../src/contract/status.ts'
import { nativeHost, nativeLine, nativeName, nativeOrigin, seenInLine, writtenName } from './native-text.ts'
import type { ShellState } from './shell-state.ts'
import type { TrayAction } from './tray-actions.ts'

export type TrayItem =
  | { kind: 'separator' }
  | { kind: 'text'; label: string }
  | { kind: 'action'; label: string; action: TrayAction }
  | { kind: 'submenu'; label: string; items: readonly TrayItem[] }

/** Which picture: down, pulled up, something waits for the user, or something is wrong that only the user can set right. */
export type TrayIcon = 'lowered' | 'raised' | 'attention' | 'trouble'

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

const action = (label: string, action: TrayAction): TrayItem => ({ kind: 'action', label, action })
const text = (label: string): TrayItem => ({ kind: 'text', label })
/** A part of the menu, apart from what stands above it. */
const section = (items: readonly TrayItem[]): readonly TrayItem[] =>
  items.length === 0 ? [] : [separator, ...items]

/** No longer than can be read, and where the rest is. */
function some(items: readonly TrayItem[], rest: TrayAction): TrayItem[] {
  const more = items.length - shownAtMost
  const last = more > 0 ? [action(say('tray.more', { count: more }), rest)] : []
  return [...items.slice(0, shownAtMost), ...last]
}

function approvalItem(approval: Approval): TrayItem {
  const { id } = approval
  const seen = seenInLine(approval)
  return {
    kind: 'submenu',
    label: say('need.call', {
      name: escaped(writtenName(approval.clientName, 24)),
      what: menuText(approval.tool, 64),
    }),
    items: [
      text(escaped(nativeLine(approval))),
      text(escaped(nativeOrigin(approval))),
      separator,
      // The first line that can be chosen is the one a stray Enter hits: it only shows.
      action(say('native.review'), { do: 'review', id }),
      ...(seen === null ? [] : [action(say('approvals.allowOnce'), { do: 'approve', id, seen })]),
      action(say('native.dontAllow'), { do: 'deny', id }),
    ],
  }
}

const connectionItem = (request: ConnectionRequest): TrayItem =>
  action(
    say('tray.connection', {
      name: menuText(request.clientName, 24),
      host: escaped(nativeHost(request.redirectHost, 40)),
    }),
    { do: 'review', id: request.id },
  )

const clock = (at: number): string => new Date(at).toTimeString().slice(0, 5)

/** The time of day for today, otherwise with the day. */
function moment(at: number, now: number): string {
  const date = new Date(at)
  if (date.toDateString() === new Date(now).toDateString()) return clock(at)
  const month = say('time.month', { month: String(date.getMonth() + 1) })
  return say('time.moment', { date: date.getDate(), month, time: clock(at) })
}

/** Somebody who may call tools, and how to stop that for a while or for good. */
function grantItem(grant: Grant, rules: readonly Rule[], now: number): TrayItem {
  const { id, name, access, pausedUntil } = grant
  const shown = menuText(name)
  return {
    kind: 'submenu',
    label: pausedUntil == null ? shown : say('tray.paused', { name: shown, time: moment(pausedUntil, now) }),
    items: [
      text(say(`accessLevel.${access}.label`)),
      separator,
      pausedUntil == null
        ? action(say('access.pause.hour'), { do: 'pause', id })
        : action(say('access.pause.resume'), { do: 'resume', id }),
      ...(rules.some(({ grantId }) => grantId === id)
        ? [action(say('tray.rules.revokeAll'), { do: 'revoke-rules', id, name })]
        : []),
      action(say('access.grant.revoke'), { do: 'revoke', id, name, means: revokeMeans(grant) }),
    ],
  }
}

const hasEnded = ({ expiresAt }: Grant, now: number): boolean => expiresAt !== null && expiresAt <= now

/** The way back from an answer that was given too quickly. All of the rule stands in the line: what it holds for, and until when. */
function lastRuleItem(
  { id, effect, clientName, tool, exactly, inChat, since, until }: Rule,
  now: number,
): TrayItem {
  const kind = effect === 'never' ? 'never' : exactly !== null ? 'exactly' : inChat ? 'inChat' : 'anything'
  const label = say(`tray.rules.last.${kind}`, {
    name: escaped(writtenName(clientName, 24)),
    tool: menuText(tool, 64),
    time: moment(since, now),
    hasEnd: until !== null,
    until: moment(until ?? now, now),
  })
  return action(label, { do: 'revoke-rule', id })
}

const callItem = (call: Call): TrayItem =>
  action(
    say('tray.call', {
      time: clock(call.at),
      name: menuText(call.clientName, 24),
      tool: menuText(call.tool, 48),
      outcome: callOutcome(call),
    }),
    { do: 'open', page: 'activity' },
  )

/** What is wrong, without what waits for an answer, which stands above it, and drafts, which wait for as long as they like. */
const troubles = ({ status, servers, grants }: ShellState): Need[] =>
  status === null
    ? []
    : needsOf({ bridge: status.bridge, notices: status.notices, servers, grants }).filter(
        ({ kind }) => kind !== 'draft',
      )

function levers(bridge: BridgeState | undefined): TrayItem[] {
  if (bridge === undefined) return []
  if (bridge === 'raised') return [action(say('tray.lower'), { do: 'lower' })]
  return [
    ...(bridge === 'local' ? [action(say('tray.openUp'), { do: 'lower' })] : []),
    action(say('tray.raise'), { do: 'raise' }),
  ]
}

function iconOf(bridge: BridgeState | undefined, waits: boolean, isTrouble: boolean): TrayIcon {
  if (waits) return 'attention'
  if (bridge === 'raised') return 'raised'
  return isTrouble || bridge === 'offline' ? 'trouble' : 'lowered'
}

/** The tray's picture, tooltip and menu for a state of the host. */
export function trayModel(state: ShellState, now: number): TrayModel {
  const bridge = state.status?.bridge.state
  const line = bridge === undefined ? say('tray.starting') : say(`tray.state.${bridge}`)
  const waiting = [...state.connections.map(connectionItem), ...state.approvals.map(approvalItem)]
  const wrong = troubles(state)
  const grants = state.grants
    .filter((grant) => !hasEnded(grant, now))
    .sort((a, b) => (b.lastSeenAt ?? 0) - (a.lastSeenAt ?? 0))
  const calls = state.calls.map(callItem)
  const rules = state.rules.filter(({ until }) => until === null || until > now)
  return {
    icon: iconOf(bridge, waiting.length > 0, wrong.length > 0),
    tooltip: [
      `Drawbridge: ${line}`,
      ...(waiting.length > 0 ? [say('tray.waiting', { count: waiting.length })] : []),
      ...(wrong.length > 0 ? [say('tray.needs', { count: wrong.length })] : []),
    ].join('\n'),
    items: [
      text(line),
      ...section(some(waiting, open)),
      ...section(
        some(
          wrong.map(({ title }) => action(escaped(writtenName(title, 100)), open)),
          open,
        ),
      ),
      ...section(
        some(
          grants.map((grant) => grantItem(grant, rules, now)),
          { do: 'open', page: 'access' },
        ),
      ),
      ...section(rules.slice(0, 1).map((rule) => lastRuleItem(rule, now))),
      ...section(calls.length === 0 ? [] : [{ kind: 'submenu', label: say('tray.lastCalls'), items: calls }]),
      ...section(levers(bridge)),
      ...(grants.length > 0 ? [action(say('bridge.endAll.open'), { do: 'end-all' })] : []),
      separator,
      action(say('tray.open'), open),
      action(say('tray.quit'), { do: 'quit' }),
    ],
  }
}
