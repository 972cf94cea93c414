import { say } from '../../../locales/say.ts'
import type { ConnectionRequest } from '../../contract/access.ts'
import { inQuotes, visibleLine } from '../../contract/agreed/visible-text.ts'
import { timeOf } from '../../contract/agreed/words/local-time.ts'
import type { Approval, ApprovalDetails } from '../../contract/approvals.ts'
import { columns, facts, headingOf } from '../table.ts'

/*
 * Names and arguments of a call come from the host as they may be shown (`Approval`): written out once, they are not written out again.
 */

/** One line for each, with what decides about it whole; nothing is cut at the terminal's width. */
export function requestLines(connections: ConnectionRequest[], calls: Approval[]): string[] {
  if (connections.length + calls.length === 0) return [say('cli.request.nobodyWaiting')]
  const rows = [...connections.map(connectionRow), ...calls.map(callRow)]
  const more = calls.some(({ line }) => line.endsWith('…'))
  return [
    ...columns([(['id', 'until', 'who', 'what'] as const).map(headingOf), ...rows]),
    ...(more ? [say('cli.request.argumentsEndInLonger')] : []),
  ]
}

function callRow({ id, clientName, tool, toolTitle, source, risk, line, expiresAt }: Approval): string[] {
  const shownTool = visibleLine(tool)
  const args = line.startsWith(`${shownTool} `) ? line.slice(shownTool.length + 1) : line
  const title = toolTitle === '' ? '' : `, ${inQuotes(toolTitle)}`
  return [
    ...[id, timeOf(expiresAt), clientName],
    say('cli.request.runs', { tool: shownTool, risk, source: `${inQuotes(source)}${title}`, args }),
  ]
}

function connectionRow(request: ConnectionRequest): string[] {
  const { id, clientName, redirectHost, expected, needsDigits, expiresAt } = request
  return [
    ...[id, timeOf(expiresAt), say('cli.request.unverified', { name: visibleLine(clientName) })],
    say('cli.request.connectsFrom', { host: visibleLine(redirectHost), expected, digits: needsDigits }),
  ]
}

const whyOf = ({ why, readBefore: read }: ApprovalDetails): string =>
  read === null
    ? say(`cli.request.why.${why}`)
    : say('cli.request.why.read', { what: inQuotes(read.what), at: timeOf(read.at) })

/** Everything about a call: who, which tool of which server, and all that would reach it. Nothing is cut. */
export const callLines = (call: ApprovalDetails): string[] => [
  say('cli.request.call', { id: call.id }),
  ...columns([
    [say('cli.request.who'), `${call.clientName} (${call.grantId})`],
    [say('cli.request.tool'), visibleLine(call.tool)],
    [say('cli.request.toolId'), visibleLine(call.toolId)],
    [say('cli.request.called'), call.toolTitle === '' ? '-' : inQuotes(call.toolTitle)],
    [say('cli.request.source'), `${call.source} (${visibleLine(call.sourceId)})`],
    [say('cli.request.risk'), call.risk],
    [say('cli.request.askedBecause'), whyOf(call)],
    ...(call.sentence === null ? [] : [[say('cli.request.does'), call.sentence]]),
    [say('cli.request.until'), timeOf(call.expiresAt)],
    [say('cli.request.arguments'), say('cli.request.allFollowsBracketAt')],
  ]),
  call.arguments,
]

/** Everything about a client that wants in. */
export const connectionLines = (request: ConnectionRequest): string[] => [
  say('cli.request.connection', { id: request.id }),
  ...facts([
    [say('cli.request.who'), say('cli.request.unverified', { name: request.clientName })],
    [say('cli.request.clientId'), request.clientId],
    [say('cli.request.knownBy'), request.registration],
    [
      say('cli.request.sentBackLabel'),
      say('cli.request.sentBackTo', { host: request.redirectHost, expected: request.expected }),
    ],
    [say('cli.request.workspace'), request.workspace],
    [say('cli.request.asksFor'), request.scopes.join(' ') || '-'],
    [
      say('cli.request.needs'),
      request.needsDigits ? say('cli.request.threeDigitsWindowShows') : say('cli.request.aYes'),
    ],
    [say('cli.request.wasHere'), say('cli.request.yes', { was: request.returning })],
    [say('cli.request.until'), timeOf(request.expiresAt)],
  ]),
]
