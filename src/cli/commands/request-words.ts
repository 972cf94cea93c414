import type { ConnectionRequest } from '../../contract/access.ts'
import { inQuotes, visibleLine } from '../../contract/agreed/visible-text.ts'
import type { Approval, ApprovalDetails } from '../../contract/approvals.ts'
import { clockTime, columns, facts } from '../table.ts'

/*
 * Names and arguments of a call come from the host as they may be shown (`Approval`): written out once, they are not written out again.
 */

/** One line for each, with what decides about it whole; nothing is cut at the terminal's width. */
export function requestLines(connections: ConnectionRequest[], calls: Approval[]): string[] {
  if (connections.length + calls.length === 0) return ['Nobody is waiting.']
  const rows = [...connections.map(connectionRow), ...calls.map(callRow)]
  const more = calls.some(({ line }) => line.endsWith('…'))
  return [
    ...columns([['ID', 'UNTIL', 'WHO', 'WHAT'], ...rows]),
    ...(more ? ['Arguments that end in … are longer: `drawbridge requests --full` shows all of them.'] : []),
  ]
}

function callRow({ id, clientName, tool, toolTitle, source, risk, line, expiresAt }: Approval): string[] {
  const shownTool = visibleLine(tool)
  const args = line.startsWith(`${shownTool} `) ? line.slice(shownTool.length + 1) : line
  const title = toolTitle === '' ? '' : `, ${inQuotes(toolTitle)}`
  return [
    ...[id, clockTime(expiresAt), clientName],
    `runs ${shownTool} (${risk}, of ${inQuotes(source)}${title}) ${args}`,
  ]
}

function connectionRow(request: ConnectionRequest): string[] {
  const { id, clientName, redirectHost, expected, needsDigits, expiresAt } = request
  const doubt = expected ? '' : ', NOT the client you expected'
  const digits = needsDigits ? ', shows three digits' : ''
  return [
    ...[id, clockTime(expiresAt), `${visibleLine(clientName)} (unverified)`],
    `connects from ${visibleLine(redirectHost)}${doubt}${digits}`,
  ]
}

const reasons: Record<ApprovalDetails['why'], string> = {
  access: 'it asks before changes',
  taint: 'something untrusted was read before',
  changed: 'the tool is another one than before',
  new: 'the tool is new',
}

/** Everything about a call: who, which tool of which server, and all that would reach it. Nothing is cut. */
export const callLines = (call: ApprovalDetails): string[] => [
  `Call ${call.id}`,
  ...columns([
    ['Who', `${call.clientName} (${call.grantId})`],
    ['Tool', visibleLine(call.tool)],
    ['Tool id', visibleLine(call.toolId)],
    ['Called', call.toolTitle === '' ? '-' : inQuotes(call.toolTitle)],
    ['Source', `${call.source} (${visibleLine(call.sourceId)})`],
    ['Risk', call.risk],
    ['Asked because', reasons[call.why]],
    ...(call.sentence === null ? [] : [['Does', call.sentence]]),
    ['Until', clockTime(call.expiresAt)],
    ['Arguments', 'all that follows, to the bracket at the beginning of a line'],
  ]),
  call.arguments,
]

/** Everything about a client that wants in. */
export const connectionLines = (request: ConnectionRequest): string[] => [
  `Connection ${request.id}`,
  ...facts([
    ['Who', `${request.clientName} (unverified)`],
    ['Client id', request.clientId],
    ['Known by', request.registration],
    ['Sent back to', `${request.redirectHost}${request.expected ? '' : ', NOT the client you expected'}`],
    ['Workspace', request.workspace],
    ['Asks for', request.scopes.join(' ') || '-'],
    ['Needs', request.needsDigits ? 'the three digits that its window shows' : 'a yes'],
    ['Was here', request.returning ? 'yes' : 'no'],
    ['Until', clockTime(request.expiresAt)],
  ]),
]
