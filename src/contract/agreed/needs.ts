import { say } from '../../../locales/say.ts'
import type { ConnectionRequest, Grant } from '../access.ts'
import type { Approval } from '../approvals.ts'
import type { Server } from '../servers.ts'
import type { Bridge, Notice } from '../status.ts'
import { leftBehind } from './own-address.ts'
import { inQuotes, quotedLine, visibleLine, writtenLine } from './visible-text.ts'

/** Something that only the user can set right, or has to know. All its words are written out already. */
export interface Need {
  kind: 'connection' | 'call' | 'draft' | 'address' | 'moved' | 'sign-in' | 'server' | 'held-back' | 'notice'
  /** Of the request, server or notice; of the address, what is wrong with it. */
  id: string
  title: string
  /** What it means, or what to do. May be empty. */
  text: string
  /** When it is over by itself, milliseconds since 1970; null: it stays. */
  until: number | null
}

/** What is known of the host; what is left out is not known yet. */
export interface HostState {
  bridge: Bridge
  notices: readonly Notice[]
  connections?: readonly ConnectionRequest[] | undefined
  approvals?: readonly Approval[] | undefined
  servers?: readonly Server[] | undefined
  grants?: readonly Grant[] | undefined
}

/** Everything that needs the user, the most urgent first: what waits for an answer, what keeps assistants out, what is broken. */
export function needsOf(state: HostState): Need[] {
  const { bridge, notices, servers = [], grants = [] } = state
  return [
    ...waiting(state.connections ?? [], state.approvals ?? []),
    ...address(bridge, grants),
    ...servers.flatMap(needsOfServer),
    ...grants.flatMap(heldBack),
    ...notices
      .filter(({ level }) => level === 'warning')
      .map(({ id, message, hint }) => need('notice', id, visibleLine(message), visibleLine(hint))),
  ]
}

const need = (
  kind: Need['kind'],
  id: string,
  title: string,
  text: string,
  until: number | null = null,
): Need => ({ kind, id, title, text, until })

function waiting(connections: readonly ConnectionRequest[], approvals: readonly Approval[]): Need[] {
  const asked = [
    ...connections.map(({ id, askedAt, expiresAt, clientName }) => ({
      at: askedAt,
      need: need('connection', id, say('need.connection', { name: quotedLine(clientName) }), '', expiresAt),
    })),
    ...approvals
      .filter(({ state }) => state === 'waiting')
      .map(({ id, askedAt, expiresAt, clientName, toolTitle, tool }) => {
        const what = inQuotes(writtenLine(toolTitle || tool, 80))
        const title = say('need.call', { name: writtenLine(clientName, 80), what })
        return { at: askedAt, need: need('call', id, title, '', expiresAt) }
      }),
  ]
  return asked.sort((a, b) => a.at - b.at).map((one) => one.need)
}

function address(bridge: Bridge, grants: readonly Grant[]): Need[] {
  if (bridge.state === 'taken')
    return [
      need(
        'address',
        'taken',
        say(bridge.elsewhere ? 'need.elsewhere' : 'need.taken'),
        visibleLine(bridge.hint || bridge.message),
      ),
    ]
  const behind = bridge.state === 'open' ? leftBehind(grants, bridge).length : 0
  if (behind === 0) return []
  return [need('moved', 'moved', say('need.moved', { count: behind }), say('need.movedText'))]
}

/** Nobody would know otherwise why an assistant says that nothing was allowed. */
const heldBack = ({ id, name, heldBackUntil }: Grant): Need[] =>
  heldBackUntil == null
    ? []
    : [
        need(
          'held-back',
          id,
          say('need.heldBack', { name: quotedLine(name) }),
          say('need.heldBackText'),
          heldBackUntil,
        ),
      ]

function needsOfServer({ id, name, state, error, health, signIn }: Server): Need[] {
  const shown = quotedLine(name)
  const why = visibleLine(error?.message ?? '', 200)
  if (state === 'draft') return [need('draft', id, say('need.draft', { name: shown }), say('need.draftText'))]
  if (state === 'signed-out')
    return [
      need(
        'sign-in',
        id,
        say('need.signIn', { name: shown }),
        visibleLine(signIn.problem?.message ?? '', 200),
      ),
    ]
  if (state === 'failed') return [need('server', id, say('need.failed', { name: shown }), why)]
  if (state === 'waiting')
    return [need('server', id, say('need.waiting', { name: shown }), why || say('need.waitingText'))]
  if (state === 'running' && health.ok === false)
    return [
      need(
        'server',
        id,
        say('need.silent', { name: shown }),
        visibleLine(health.lastError?.message ?? '', 200),
      ),
    ]
  return []
}
