import { plain, readExact } from '../../kernel/exact-json.ts'
import { isObject } from '../../kernel/is-object.ts'
import { type JsonProblem, jsonProblem } from '../../kernel/json-scan.ts'
import { myTurn } from '../../kernel/slices.ts'
import { clientMessage, messageWithoutNulls } from '../../mcp/nulls.ts'

export type ParsedBody = { ok: true; value: unknown } | { ok: false; message: string }

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Parses a body, or says why not. Nothing is parsed before it is known how much it makes of itself. */
export const parseJson = (bytes: Uint8Array, maxDepth: number): ParsedBody =>
  tooMuch(bytes, maxDepth) ?? read(bytes)

/** The same of a large one, for which others wait no longer than one of its steps takes: however many end together, one is dealt with at a time. */
export async function parseInTurns(bytes: Uint8Array, maxDepth: number): Promise<ParsedBody> {
  await myTurn()
  const refused = tooMuch(bytes, maxDepth)
  if (refused !== null) return refused
  await myTurn()
  const parsed = read(bytes)
  // What is done with it takes a while, too.
  await myTurn()
  return parsed
}

function tooMuch(bytes: Uint8Array, maxDepth: number): ParsedBody | null {
  if (bytes.length === 0) return { ok: false, message: 'The request has no body.' }
  const problem = jsonProblem(bytes, maxDepth)
  return problem === null ? null : { ok: false, message: problems[problem](maxDepth) }
}

function read(bytes: Uint8Array): ParsedBody {
  try {
    const text = utf8.decode(bytes)
    const { value, isPlain } = readExact(text)
    const holds = searched(text)
    const asMeant = (one: unknown) => asSent(clientMessage(messageWithoutNulls(one, holds), holds), isPlain)
    // A batch: each of it is a message.
    return { ok: true, value: Array.isArray(value) ? value.map(asMeant) : asMeant(value) }
  } catch {
    return { ok: false, message: 'The request body is not valid JSON in UTF-8.' }
  }
}

/** Gone through once for each part, however many messages are in it. */
function searched(text: string): { includes(part: string): boolean } {
  const known = new Map<string, boolean>()
  return {
    includes(part) {
      const found = known.get(part) ?? text.includes(part)
      known.set(part, found)
      return found
    },
  }
}

const problems: Record<JsonProblem, (maxDepth: number) => string> = {
  depth: (maxDepth) => `The JSON is nested more than ${maxDepth} levels deep.`,
  values: () => 'The JSON has too many values.',
  names: () => 'The JSON has too many fields.',
}

type Raw = Record<string, unknown>

/**
 * A client's message as everybody behind expects it, the one place where it becomes so: nulls that stand for nothing are gone, and numbers
 * keep their text where they are somebody's own (arguments of a tool, answers to a question) and are ordinary ones where we read them.
 */
function asSent(message: unknown, isPlain: boolean): unknown {
  if (!isObject(message)) return message
  const { method, params } = message
  if (isObject(params) && typeof method === 'string') withoutEmptyTexts(method, params)
  const read = isPlain ? message : plain(message)
  if (read === message || !isObject(read)) return message
  if (method === undefined) return { ...read, ...own(message, read, ['result']) }
  if (!isObject(params) || !isObject(read.params)) return read
  const kept = method === 'tools/call' ? ['arguments', 'inputResponses'] : ['inputResponses']
  return { ...read, params: { ...read.params, ...own(params, read.params, kept) } }
}

/** Those members as they were sent that are objects: a number alone is not one of them. */
const own = (sent: Raw, read: Raw, names: readonly string[]): Raw =>
  Object.fromEntries(names.filter((name) => isObject(read[name])).map((name) => [name, sent[name]]))

/** Arguments of prompts are texts (MCP, `GetPromptRequest`): null is one that was not given. */
function withoutEmptyTexts(method: string, params: Raw): void {
  const args =
    method === 'prompts/get'
      ? params.arguments
      : method === 'completion/complete' && isObject(params.context)
        ? params.context.arguments
        : undefined
  if (isObject(args)) for (const name of Object.keys(args)) if (args[name] === null) delete args[name]
}
