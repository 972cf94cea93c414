import { HostError } from '../../kernel/errors.ts'
import { isExactObject, isRawNumber, parseExact, plain, withoutNaN } from '../../kernel/exact-json.ts'
import { jsonProblem } from '../../kernel/json-scan.ts'
import { isEmptyList, serverMessageWithoutNulls } from '../../mcp/nulls.ts'
import type { Raw } from '../../mcp/tool-source.ts'
import { mayBeMessages, piecesOf } from './spread-out.ts'

/** Up to this length no text can take the parser long. */
const harmless = 64_000
/** Of longer ones that are no JSON nothing is made. */
const longestOdd = 4_000_000
/** Others begin with it, such as what some libraries print as a line of log. */
const ofProtocol = /^notifications\//

const none: readonly Raw[] = []

/**
 * The messages that a server wrote in one line, event or body, of any transport: the one place where they become what everybody
 * behind expects (JSON-RPC 2.0 §4 and §5). A byte order mark is passed over, a list (2025-03-26) and what stands behind one another is taken apart, nulls that stand for
 * nothing are gone, ids and progress tokens of ours are numbers again, and other numbers keep their text. Empty: it is something else.
 * Throws SyntaxError, and HostError `server-answer-too-large` when reading it would take too long.
 */
export function readMessages(text: string): readonly Raw[] {
  const json = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
  // Rubbish of any length costs nothing.
  if (json.length > harmless && !mayBeMessages(json)) throw new SyntaxError('no JSON')
  if (json.length > harmless && jsonProblem(Buffer.from(json), Number.POSITIVE_INFINITY) !== null)
    throw new HostError({
      code: 'server-answer-too-large',
    })
  let parsed: unknown
  try {
    parsed = serverMessageWithoutNulls(parsedFrom(json), json)
  } catch (error) {
    const pieces = piecesOf(json)
    if (pieces === null) throw error
    return pieces.flatMap(inPiece)
  }
  if (!Array.isArray(parsed)) {
    const message = asMessage(parsed)
    return message === null ? none : [message]
  }
  return parsed.map(asMessage).filter((message) => message !== null)
}

/** One that is no JSON costs itself. */
function inPiece(piece: string): readonly Raw[] {
  try {
    return readMessages(piece)
  } catch (error) {
    if (error instanceof SyntaxError) return none
    throw error
  }
}

function parsedFrom(json: string): unknown {
  try {
    return parseExact(json)
  } catch (error) {
    const plainer = json.length > longestOdd ? undefined : withoutNaN(json)
    if (plainer === undefined) throw error
    return parseExact(plainer)
  }
}

function asMessage(value: unknown): Raw | null {
  if (!isExactObject(value)) return null
  // Some name the method that they answer.
  const isCall = 'method' in value && value.result === undefined && value.error === undefined
  if (!isCall && 'method' in value) delete value.method
  const message = isCall ? asCall(value) : asAnswer(value)
  if (message !== null && message.jsonrpc !== '2.0') message.jsonrpc = '2.0'
  return message
}

/** A request or a notification. */
function asCall(message: Raw): Raw | null {
  const { method, params } = message
  if (typeof method !== 'string' || (message.jsonrpc === undefined && !ofProtocol.test(method))) return null
  if (params !== undefined && !isExactObject(params)) {
    // As PHP writes an object that is empty; and what most notifications say, they say with their name.
    if (!isEmptyList(params) && !ofProtocol.test(method)) return null
    message.params = {}
  }
  if (method === 'notifications/progress') message.params = asProgress(message.params as Raw | undefined)
  return message
}

function asProgress(params: Raw = {}): Raw {
  const read = { ...(plain(params) as Raw) }
  for (const name of ['progressToken', 'progress', 'total']) read[name] = asNumber(read[name])
  if (read.total === undefined) delete read.total
  return read
}

function asAnswer(message: Raw): Raw | null {
  // Some write both, always.
  if (message.result !== undefined && isNoError(message.error)) delete message.error
  const { id, error } = message
  const isEmpty = error === undefined && message.result === undefined
  // One that answers with nothing has answered; who writes `{"id":3,"text":"…"}` says something else.
  if (isEmpty && (id === undefined || message.jsonrpc === undefined)) return null
  if (id === undefined && message.jsonrpc === undefined) return null
  if (typeof id !== 'number' && id !== undefined) message.id = asNumber(id)
  if (error === undefined) return message
  const { code, message: words } = isExactObject(error) ? error : ({} as Raw)
  if (isExactObject(error) && Number.isInteger(code) && typeof words === 'string') return message
  message.error = {
    ...(isExactObject(error) && error),
    code: Number.isInteger(asNumber(code)) ? asNumber(code) : -32603,
    message: wordsOf(error),
  }
  return message
}

/** What stands for “no error” beside a result. */
function isNoError(error: unknown): boolean {
  if (!isExactObject(error)) return !error || isEmptyList(error)
  const { code, message } = error
  // Zero is no code of an error, whatever is said with it: “Success”, say.
  return code === 0 || (code === undefined && (message === undefined || message === ''))
}

/** What an error says that is not as it should be. */
function wordsOf(error: unknown): string {
  if (typeof error === 'string') return error
  const { message } = isExactObject(error) ? error : ({} as Raw)
  return typeof message === 'string' ? message : JSON.stringify(message ?? error).slice(0, 1_000)
}

/** Our ids and tokens are numbers, which some send back as texts. */
function asNumber(value: unknown): unknown {
  if (isRawNumber(value)) return plain(value)
  return typeof value === 'string' && /^\s*-?\d{1,15}(?:\.\d{1,15})?\s*$/.test(value) ? Number(value) : value
}
