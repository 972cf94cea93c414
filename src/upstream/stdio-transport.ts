import { type JSONRPCMessage, SdkError, SdkErrorCode, type Transport } from '@modelcontextprotocol/client'
import { answeredId, LineSplitter, type Overlong } from './line-splitter.ts'
import type { LogLines } from './log-lines.ts'
import { type ChildExit, type ProcessGroup, type StopPatience, startGroup } from './process-group.ts'

/** Bytes of one message. */
const maxLine = 4_000_000
/** Bytes a server may leave unread before we stop writing to it. */
const maxUnread = 32_000_000
/** Lines of rubbish that are shown; the rest is counted. */
const shownRubbish = 20
/** How long answers that were written before the end may still be read. Milliseconds. */
const lastWords = 200

export interface StdioOptions {
  /** An absolute path. */
  command: string
  args: readonly string[]
  env: Record<string, string>
  cwd: string
  lines: LogLines
  patience: StopPatience
}

/**
 * MCP over the standard input and output of a child process (MCP 2025-11-25 and 2026-07-28, Transports, stdio).
 * Not the SDK's own: the child leads a process group that ends with it, a line is limited, and rubbish is survived.
 * A closed transport fails every call in flight at once.
 */
export class StdioTransport implements Transport {
  onclose: (() => void) | undefined
  onerror: ((error: Error) => void) | undefined
  onmessage: ((message: JSONRPCMessage) => void) | undefined
  /** With `pid` the mark by which the SDK knows a stdio transport. */
  readonly stderr = null
  /** Valid messages and other lines so far. */
  messages = 0
  rubbish = 0
  readonly #options: StdioOptions
  #group: ProcessGroup | null = null
  #closed = false

  constructor(options: StdioOptions) {
    this.#options = options
  }

  get pid(): number | null {
    return this.#group?.child.pid ?? null
  }

  /** How the process ended; null while it runs or before it was started. */
  get exit(): ChildExit | null {
    return this.#group?.exit() ?? null
  }

  /** Resolves when the process runs; rejects with Node's own error when it cannot be started. */
  start(): Promise<void> {
    const { lines } = this.#options
    this.#group = startGroup(this.#options.command, this.#options.args, this.#options)
    const { child } = this.#group
    const output = new LineSplitter(
      maxLine,
      (line) => this.#read(line),
      (line) => this.#readOverlong(line),
    )
    const errors = new LineSplitter(
      maxLine,
      (line) => lines.add(line),
      (line) => lines.add(`${line.head}…`),
    )
    child.stdout?.on('data', (chunk: Buffer) => output.push(chunk))
    child.stderr?.on('data', (chunk: Buffer) => errors.push(chunk))
    child.stderr?.on('end', () => errors.end())
    for (const stream of [child.stdin, child.stdout, child.stderr])
      stream?.on('error', (error) => this.onerror?.(error))
    // One that does not read any more is of no use, even if it lives; mostly it is just ending, and then says how.
    child.stdin?.once('error', () => setTimeout(() => void this.close(), lastWords))
    child.once('exit', () => {
      // Not the `close` event alone: a grandchild that holds the pipes would keep everybody waiting.
      void this.#group?.stop()
      const late = setTimeout(() => this.#end(), lastWords)
      child.once('close', () => {
        clearTimeout(late)
        this.#end()
      })
    })
    return new Promise((resolve, reject) => {
      child.once('spawn', () => resolve())
      child.once('error', (error) => {
        reject(error)
        this.onerror?.(error)
      })
    })
  }

  /** Resolves at once: that a line never arrived is told by `onclose`. */
  send(message: JSONRPCMessage): Promise<void> {
    const failure = this.write(message)
    return failure === null ? sent : Promise.reject(failure)
  }

  write(message: JSONRPCMessage): Error | null {
    const input = this.#group?.child.stdin
    if (this.#closed || !input?.writable || input.writableLength > maxUnread)
      return new SdkError(SdkErrorCode.SendFailed, 'The server does not take messages any more')
    input.write(`${onOneLine(message)}\n`)
    return null
  }

  /** Calls in flight fail now; resolves once the process and all it started are gone. */
  async close(): Promise<void> {
    this.#end()
    await this.#group?.stop()
  }

  killNow(): void {
    this.#group?.killNow()
  }

  #end(): void {
    if (this.#closed) return
    this.#closed = true
    this.onclose?.()
  }

  #read(line: string): void {
    if (this.#closed || line.trim() === '') return
    let message: unknown
    try {
      message = JSON.parse(line)
    } catch {}
    if (looksLikeMessage(message)) {
      this.messages += 1
      this.onmessage?.(message)
      return
    }
    this.rubbish += 1
    if (this.rubbish <= shownRubbish) this.#options.lines.addRubbish(line.slice(0, 500))
  }

  /** The call it answered gets an error; the server lives on. */
  #readOverlong(line: Overlong): void {
    this.#options.lines.addRubbish(`a line of ${line.bytes} bytes was dropped; ${maxLine} are allowed`)
    const id = answeredId(line)
    if (id === null || this.#closed) return
    this.onmessage?.({
      jsonrpc: '2.0',
      id,
      error: {
        code: -32603,
        message: `The answer was larger than ${maxLine / 1_000_000} MB and was dropped.`,
      },
    })
  }
}

const sent = Promise.resolve()

/** Enough to route it; who reads it checks the rest (JSON-RPC 2.0, 4 and 5). */
const looksLikeMessage = (value: unknown): value is JSONRPCMessage =>
  typeof value === 'object' &&
  value !== null &&
  'jsonrpc' in value &&
  value.jsonrpc === '2.0' &&
  ('method' in value
    ? typeof value.method === 'string' && (!('params' in value) || isObject(value.params))
    : 'result' in value || 'error' in value)

const isObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * JSON in one line, for whatever takes a line for one: Node's own reader ends it at U+2028 and U+2029 too, and what a text had
 * behind them would come to the server as a message of its own.
 */
const onOneLine = (message: JSONRPCMessage): string =>
  JSON.stringify(message).replace(
    /[\u0085\u2028\u2029]/g,
    (end) => `\\u${end.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
