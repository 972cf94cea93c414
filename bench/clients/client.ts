/** What an MCP client of the bench can do. Everything is given and taken as text: what it costs must not hide what is measured. */
export interface Client {
  /**
   * Sends a request on one of the lanes, which must be free, and gives its result. Throws when the answer is an error,
   * has another id, or does not come.
   */
  request(lane: number, method: string, params: object): Promise<Result>
  close(): Promise<void>
}

export type Result = Record<string, unknown>

export interface Endpoint {
  url: string
  headers: Record<string, string>
}

export const clientInfo = { name: 'drawbridge-bench', version: '1.0.0' }
export const initializeParams = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo }

/** The message with this id in an answer that is JSON or server-sent events. */
export function messageWithId(type: string, body: string, id: number): Result {
  if (type !== 'text/event-stream') return resultOf(JSON.parse(body), id)
  for (const line of body.split('\n')) {
    if (!line.startsWith('data:')) continue
    const text = line.slice(5).trim()
    if (text === '') continue
    const message = JSON.parse(text)
    if (message.id === id) return resultOf(message, id)
  }
  throw new Error(`no answer with id ${id}`)
}

interface Message {
  id?: unknown
  result?: Result
  error?: unknown
}

/** The result of an answer. Throws when it is an error or somebody else's. */
export function resultOf(message: Message, id: number): Result {
  if (message.id !== id) throw new Error(`answer with id ${String(message.id)} instead of ${id}`)
  if (message.result === undefined) throw new Error(`error: ${JSON.stringify(message.error)}`)
  return message.result
}

/** The echoed text of a `tools/call`. Throws when it is not exactly `text`. */
export function checkEcho(result: Result, text: string): void {
  const content = result.content as { type: string; text: string }[] | undefined
  if (result.isError === true || content?.length !== 1 || content[0]?.text !== text)
    throw new Error(`wrong answer to ${text}: ${JSON.stringify(result).slice(0, 300)}`)
}
