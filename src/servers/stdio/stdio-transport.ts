import { type JSONRPCMessage, SdkError, SdkErrorCode, type Transport } from '@modelcontextprotocol/client'
import { say } from '../../../locales/say.ts'
import { type HostError, isHostError } from '../../kernel/errors.ts'
import { createSlices } from '../../kernel/slices.ts'
import type { Raw } from '../../mcp/tool-source.ts'
import {
  type ChildExit,
  type ProcessGroup,
  type StopPatience,
  startGroup,
} from '../../system/process-group.ts'
import type { LogLines } from '../failures/log-lines.ts'
import { type AnswerBudget, AnswerBudgets, Arriving } from '../framing/answer-budget.ts'
import { answeredId, LineSplitter, type Overlong } from '../framing/line-splitter.ts'
import { LineWriter } from '../framing/line-writer.ts'
import { readMessages } from '../framing/read-message.ts'
import { SpreadOut } from '../framing/spread-out.ts'

/** Bytes of one line of its log. */
const maxLine = 4_000_000
/** Bytes a server may leave unread before we stop writing to it. */
const maxUnread = 32_000_000
/** Lines of rubbish that are shown; the rest is counted. */
const shownRubbish = 20
/** Bytes that come at once. */
const smallPiece = 4_096
/** How long answers that were written before the end may still be read. Milliseconds. */
const lastWords = 200

export interface StdioOptions {
  /** An absolute path. */
  command: string
  args: readonly string[]
  env: Record<string, string>
  cwd: string
  /** Text for descriptor 3. */
  aside?: string | undefined
  lines: LogLines
  patience: StopPatience
  /** Absent: the usual one, for it alone. */
  budget?: AnswerBudget
  /** It runs, as this process; and nobody of its group is left. */
  onPid?: ((pid: number) => void) | undefined
  onGone?: (() => void) | undefined
  /** Looks on while it starts; nothing is said to it before `begun`. */
  watch?: StartWatch
}

interface StartWatch {
  started(pid: number): void
  /** A line on standard error. */
  wrote(line: string): void
  /** A line on standard output. */
  printed(isMessage: boolean): void
  readonly begun: Promise<void>
  stop(): void
}

/**
 * MCP over the standard input and output of a child process (MCP 2025-11-25 and 2026-07-28, Transports, stdio).
 * Not the SDK's own: the child leads a process group that ends with it, a line is limited, and rubbish is survived.
 * A closed transport fails every open call at once.
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
  #input: LineWriter | null = null
  #closed = false
  readonly #slices = createSlices()
  readonly #spread = new SpreadOut()
  #isMuch = false
  /** What came while it was not our turn; null: it is. */
  #waiting: (() => void)[] | null = null
  #pauseReading: () => void = () => {}
  #goOnReading: () => void = () => {}

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
    const { lines, watch } = this.#options
    this.#group = startGroup(this.#options.command, this.#options.args, this.#options)
    const { child } = this.#group
    this.#input = child.stdin && new LineWriter(child.stdin)
    const output = new LineSplitter(
      new Arriving(this.#options.budget ?? new AnswerBudgets().budgetOf()),
      (line) => this.#inTurn(() => this.#read(line)),
      (line) => this.#inTurn(() => this.#readOverlong(line)),
    )
    const errors = new LineSplitter(
      maxLine,
      (line) => {
        lines.add(line)
        watch?.wrote(line)
      },
      (line) => lines.add(`${line.head}…`),
    )
    child.stdout?.on('data', (chunk: Buffer) => {
      // Few messages fit into a small piece: then nothing is measured.
      this.#isMuch = chunk.length > smallPiece
      if (this.#isMuch) this.#slices.begin()
      output.push(chunk)
    })
    this.#pauseReading = () => child.stdout?.pause()
    this.#goOnReading = () => child.stdout?.resume()
    child.stderr?.on('data', (chunk: Buffer) => errors.push(chunk))
    child.stderr?.on('end', () => errors.end())
    for (const stream of [child.stdin, child.stdout, child.stderr])
      stream?.on('error', (error) => this.onerror?.(error))
    // One that does not read any more is of no use, even if it lives; mostly it is just ending, and then says how.
    child.stdin?.once('error', () => setTimeout(() => void this.close(), lastWords))
    child.once('exit', () => {
      // Not the `close` event alone: a grandchild that holds the pipes would keep everybody waiting.
      void this.#group?.stop().then(this.#options.onGone)
      const late = setTimeout(() => this.#end(), lastWords)
      child.once('close', () => {
        clearTimeout(late)
        this.#end()
      })
    })
    return new Promise<void>((resolve, reject) => {
      child.once('spawn', () => {
        this.#options.onPid?.(child.pid!)
        watch?.started(child.pid!)
        resolve()
      })
      child.once('error', (error) => {
        reject(error)
        this.onerror?.(error)
      })
    }).then(() => watch?.begun)
  }

  /** Resolves at once: that a line never arrived is told by `onclose`. */
  send(message: JSONRPCMessage): Promise<void> {
    const failure = this.write(message)
    return failure === null ? sent : Promise.reject(failure)
  }

  write(message: JSONRPCMessage, mayWait = false): Error | null {
    const input = this.#input
    if (this.#closed || !input?.isOpen || input.unread > maxUnread)
      return new SdkError(SdkErrorCode.SendFailed, 'The server does not take messages any more')
    input.write(onOneLine(message), mayWait)
    return null
  }

  /** Open calls fail now; resolves once the process and all it started are gone. */
  async close(): Promise<void> {
    this.#input?.flush()
    this.#end()
    if (!this.#group) return
    await this.#group.stop()
    this.#options.onGone?.()
  }

  killNow(): void {
    this.#group?.killNow()
  }

  #end(): void {
    if (this.#closed) return
    this.#closed = true
    this.#options.watch?.stop()
    this.onclose?.()
  }

  /**
   * Messages are dealt with in order and at once, until they have taken longer than they may at a time; the rest waits for its
   * turn, and meanwhile no more is read: a server must not hold everybody by saying much.
   */
  #inTurn(act: () => void): void {
    if (this.#waiting !== null) {
      this.#waiting.push(act)
      return
    }
    act()
    if (!this.#isMuch) return
    const pause = this.#slices.pause()
    if (pause === null) return
    this.#waiting = []
    this.#pauseReading()
    void pause.then(() => {
      const acts = this.#waiting ?? []
      this.#waiting = null
      this.#isMuch = true
      this.#goOnReading()
      for (const next of acts) this.#inTurn(next)
    })
  }

  #read(line: string): void {
    if (this.#closed || line.trim() === '' || this.#take(line)) return
    const whole = this.#spread.add(line)
    if (whole !== null && this.#take(whole)) return
    this.rubbish += 1
    if (this.messages === 0) this.#options.watch?.printed(false)
    if (this.rubbish <= shownRubbish) this.#options.lines.addRubbish(line)
  }

  /** Whether the text is messages, which are dealt with. */
  #take(text: string): boolean {
    let messages: readonly Raw[] = []
    try {
      messages = readMessages(text)
    } catch (error) {
      if (!isHostError(error)) return false
      this.#drop({ head: text.slice(0, 256), tail: text.slice(-256) }, error)
      return true
    }
    for (const message of messages) {
      this.messages += 1
      if (this.messages === 1) this.#options.watch?.printed(true)
      this.onmessage?.(message as unknown as JSONRPCMessage)
    }
    if (messages.length > 0) this.#spread.forget()
    return messages.length > 0
  }

  /** The call it answered gets an error; the server lives on. */
  #readOverlong(line: Overlong): void {
    const why = line.why.reply().message
    this.#options.lines.addRubbish(say('servers.log.dropped', { bytes: line.bytes, why }))
    this.#drop(line, line.why)
  }

  #drop(line: Pick<Overlong, 'head' | 'tail'>, why: HostError): void {
    const id = answeredId(line)
    if (id === null || this.#closed) return
    const error = { code: -32603, message: `${why.message} ${why.hint}` }
    this.onmessage?.({ jsonrpc: '2.0', id, error })
  }
}

const sent = Promise.resolve()

/**
 * JSON in one line, for whatever takes a line for one: Node's own reader ends it at U+2028 and U+2029 too, and what a text had
 * behind them would come to the server as a message of its own.
 */
function onOneLine(message: JSONRPCMessage): string {
  const text = JSON.stringify(message)
  if (!otherEnd.test(text)) return text
  return text.replace(otherEnds, (end) => `\\u${end.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

const otherEnd = /[\u0085\u2028\u2029]/
const otherEnds = new RegExp(otherEnd, 'g')
