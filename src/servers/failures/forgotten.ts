import { ProtocolErrorCode, type RequestId, SdkErrorCode, SdkHttpError } from '@modelcontextprotocol/client'
import { isObject } from '../../kernel/is-object.ts'
import { forLog } from '../../kernel/log/log.ts'
import type { Raw } from '../../mcp/tool-source.ts'

/**
 * The server does not know our session any more (MCP 2025-11-25, Transports, Session Management): restarted, cleaned up, or another
 * of several behind one address. It takes a new session, and no other harm was done.
 */
export class SessionForgotten extends SdkHttpError {
  /** The request was refused as it came, so nothing of it was done: it may be sent again in a new session. */
  readonly neverBegun: boolean

  constructor(status: number, text: string, neverBegun: boolean) {
    const message = `HTTP ${status}: the session is forgotten: ${forLog(text)}`
    super(SdkErrorCode.ClientHttpNotImplemented, message, { status, statusText: '', text })
    this.neverBegun = neverBegun
  }
}

/**
 * All that transports say of a session before they hand a request to anything: “Bad Request: No valid session ID provided”, “Server not
 * initialized”, “Invalid session. A valid Mcp-Session-Id header is required.” Any other word may be a tool's, which did half of what it
 * was asked for.
 */
const transportWords = new Set(
  `a an and or no not the for of in is was must be has have bad request found valid invalid unknown unrecognized missing expired stale
  session sessions id ids sessionid mcp-session-id header parameter query provided required existing active server transport initialized
  please initialize re-initialize reinitialize again new first`.split(/\s+/),
)
const isId = (word: string): boolean => /^[\da-f][\da-f-]{7,}$/.test(word)
/** What stands around the words of an error in JSON. */
const envelope = new Set(['error', 'code', 'message', 'data', 'status', 'statusCode'])

/** What some SDKs say so with HTTP 200, which is also how any program says that it could not do something. */
const asAnswer =
  /^(?:bad request: )?(?:no valid session id(?: provided)?|invalid(?: or missing| or expired)? session id|missing session ?id(?: parameter)?|server not initialized|mcp-session-id(?: header)? is required|no transport found for sessionid)$/i

/** Whether it is about the session, and about nothing else, in whatever language. */
function isOfTransport(text: string): boolean {
  const said = text.toLowerCase().match(/[\p{L}\p{N}][\p{L}\p{M}\p{N}-]*/gu) ?? []
  if (said.length < 2 || said.length > 29 || !/session|initialized/i.test(text)) return false
  return said.every((word) => transportWords.has(word) || isId(word))
}

/**
 * Whether what says that the session is forgotten was said before anything of the request began: by the status that is for that, of a
 * session that was named (MCP 2025-11-25), or in the words of a library beneath the server, which answer no request by its `id`.
 */
export function neverBegun(
  status: number,
  text: string,
  { id, hasSessionId }: { id: RequestId | undefined; hasSessionId: boolean },
): boolean {
  if (hasSessionId && (status === 404 || status === 410)) return !isOwnAnswer(text, id)
  const { said, isAnswer } = wordsOf(text, id)
  // Names the header that is the transport's alone.
  if (isAnswer && !/\bmcp-session-id\b/i.test(said)) return false
  if (status > 400 || text.length > 2_000) return false
  return status < 400 ? asAnswer.test(said) : isOfTransport(said)
}

/** Whether it answers the request of that id, and not in words about a session. */
function isOwnAnswer(text: string, id: RequestId | undefined): boolean {
  const { said, isAnswer } = wordsOf(text, id)
  return isAnswer && !saysSession(said)
}

/**
 * That there is no such method goes with HTTP 404 (MCP 2026-07-28, Transports), and servers that speak both eras say it so in sessions, too.
 * With that code some also say that there is no such session.
 */
export const refusesMethod = (answer: Raw | null): boolean =>
  isObject(answer?.error) &&
  answer.error.code === ProtocolErrorCode.MethodNotFound &&
  !saysSession(String(answer.error.message))

/** All that it says, and whether it is an answer to the request of that id. */
function wordsOf(text: string, id: RequestId | undefined): { said: string; isAnswer: boolean } {
  try {
    const read = JSON.parse(text)
    const isAnswer = id !== undefined && [read].flat().some((one) => one?.id === id)
    return { said: wordsIn(read).trim(), isAnswer }
  } catch {
    return { said: text.trim(), isAnswer: false }
  }
}

/** A name that no error has around its words is one of them: `{"error": "Session expired", "booked": true}`. */
function wordsIn(value: unknown): string {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.map(wordsIn).join(' ')
  if (!isObject(value)) return ''
  const all = Object.entries(value).filter(([name]) => name !== 'jsonrpc' && name !== 'id')
  return all.map(([name, held]) => `${envelope.has(name) ? '' : name} ${wordsIn(held)}`).join(' ')
}

/** Has a meaning of its own, whatever else is said. */
const saysSomethingElse: readonly number[] = [401, 403, 407, 413, 429]

/**
 * What servers say instead of the 404 that they should: “No valid session ID provided”, “Session not found”, “Bad Request: Server not
 * initialized”, “Mcp-Session-Id header is required”, “No transport found for sessionId” …
 */
const words = [
  /\b(?:no|not an?|invalid|unknown|expired|missing|unrecogni[sz]ed|stale|bad|could(?: not|n't) find|can(?:not|'t) find)\b[^.\n]{0,30}\b(?:mcp[- ]?)?session/i,
  /\bsession\b[^.\n]{0,40}\b(?:not (?:be )?found|not valid|not exist|n't exist|invalid|unknown|expired|required|missing|terminated|closed|gone|lost|ended|no longer|timed? ?out|not (?:yet )?(?:been )?initiali[sz]ed)\b/i,
  /\bnot (?:yet )?(?:been )?initiali[sz]ed\b|\bbefore initiali[sz]/i,
  /\bno (?:active )?(?:transport|connection) found\b/i,
  /\bmcp-session-id\b/i,
]

function saysSession(text: string): boolean {
  const start = text.slice(0, 2_000)
  return words.some((one) => one.test(start))
}

/**
 * Whether an HTTP error to a request within a session says that the session is forgotten. Only the status and the words of the HTTP
 * answer count: a tool may have sessions of its own, and says what is wrong with them in an answer of 200.
 */
export function saysForgotten(status: number, text: string, hasSessionId: boolean): boolean {
  if (status < 400 || saysSomethingElse.includes(status)) return false
  if (hasSessionId && (status === 404 || status === 410)) return true
  return saysSession(text)
}
