import { type JSONRPCMessage, ProtocolError } from '@modelcontextprotocol/client'
import { levelNamed, severity } from '../../mcp/log-levels.ts'
import type { LogMessage, Raw } from '../../mcp/tool-source.ts'
import type { Hooks, ListKind, RpcTransport } from './connection.ts'
import { tooDeep } from './depth.ts'
import type { PendingRequest, PendingRequests } from './pending-request.ts'
import { UrlElicitations } from './url-elicitations.ts'

type Id = string | number
/** A server has no business asking more at once for one request. */
const mostInputRequests = 10
const inputMethods = new Set(['elicitation/create', 'sampling/createMessage', 'roots/list'])
const lists = new Map<string, ListKind>([
  ['notifications/tools/list_changed', 'tools'],
  ['notifications/resources/list_changed', 'resources'],
  ['notifications/prompts/list_changed', 'prompts'],
])

/**
 * What a server says and asks by itself. A message that names no request goes to a client only when every request the
 * server is working on is that client's: with any other rule, one client would see another's questions and logs.
 */
export class Incoming {
  readonly #transport: Pick<RpcTransport, 'relatedTo' | 'send'>
  readonly #pending: PendingRequests
  readonly #hooks: Pick<Hooks, 'onListChanged' | 'onResourceUpdated' | 'onLog'>
  readonly #urlElicitations = new UrlElicitations()
  readonly #asked = new Map<Id, { pending: PendingRequest; abort: AbortController }>()

  constructor(
    transport: Pick<RpcTransport, 'relatedTo' | 'send'>,
    pending: PendingRequests,
    hooks: Pick<Hooks, 'onListChanged' | 'onResourceUpdated' | 'onLog'>,
  ) {
    this.#transport = transport
    this.#pending = pending
    this.#hooks = hooks
  }

  /** False: it is for the SDK's Client. */
  take(message: Extract<JSONRPCMessage, { method: string }>, isModern: boolean): boolean {
    const { method } = message
    const params: Raw = message.params ?? {}
    if ('id' in message) {
      // In the 2026-07-28 era servers do not ask by requests; the Client drops them.
      if (isModern || !inputMethods.has(method)) return false
      void this.#ask(message.id, method, message.params, this.#owner(message, 'ask'))
      return true
    }
    const list = lists.get(method)
    if (list) {
      this.#hooks.onListChanged(list)
      return true
    }
    switch (method) {
      case 'notifications/progress':
        this.#progress(params)
        return true
      case 'notifications/message':
        this.#log(params, this.#owner(message, 'onLog'))
        return true
      case 'notifications/resources/updated':
        if (typeof params.uri === 'string') this.#hooks.onResourceUpdated(params.uri)
        return true
      case 'notifications/elicitation/complete':
        this.#urlElicitations.done(params.elicitationId)
        return true
      case 'notifications/cancelled': {
        const asked = this.#asked.get(params.requestId as Id)
        asked?.abort.abort(new Error('The server took the question back.'))
        return asked !== undefined
      }
      default:
        return false
    }
  }

  /** It was refused until the user has been to some pages (−32042). */
  sentAway({ exchange }: PendingRequest, data: unknown): void {
    const { elicitations } = (data ?? {}) as { elicitations?: unknown }
    if (!exchange || !Array.isArray(elicitations)) return
    for (const elicitation of elicitations.slice(0, mostInputRequests))
      this.#urlElicitations.remember(elicitation, exchange)
  }

  /** What was being asked for it is of no use any more. */
  ended(pending: PendingRequest): void {
    if (pending.inputRequests === 0) return
    for (const asked of this.#asked.values())
      if (asked.pending === pending) asked.abort.abort(new Error('The request has ended.'))
  }

  /** The request that `message` belongs to; the latest where one client has several. */
  #owner(message: JSONRPCMessage, able: 'ask' | 'onLog'): PendingRequest | null {
    const related = this.#transport.relatedTo?.(message)
    if (related !== undefined) return this.#pending.get(related) ?? null
    let client: string | undefined
    let found: PendingRequest | null = null
    for (const pending of this.#pending.all()) {
      if (!pending.exchange) continue
      if (client !== undefined && client !== pending.exchange.client) return null
      client = pending.exchange.client
      if (found === null || isBetter(pending, found, able)) found = pending
    }
    return found
  }

  #progress(params: Raw): void {
    const pending = this.#pending.get(params.progressToken)
    if (!pending || typeof params.progress !== 'number') return
    if (pending.inputRequests === 0) pending.restart()
    pending.exchange?.onProgress?.({
      progress: params.progress,
      ...(typeof params.total === 'number' && { total: params.total }),
      ...(typeof params.message === 'string' && { message: params.message }),
    })
  }

  #log(params: Raw, pending: PendingRequest | null): void {
    const name = levelNamed(params.level)
    const level = severity(name)
    if (level === -1) return
    // What it says may be written out again later.
    if (tooDeep(params.data)) return
    const message = {
      level: name,
      ...(typeof params.logger === 'string' && { logger: params.logger }),
      data: params.data,
    } as LogMessage
    const { exchange } = pending ?? {}
    if (!exchange) this.#hooks.onLog(message)
    else if (exchange.logLevel && level >= severity(exchange.logLevel)) exchange.onLog?.(message)
  }

  async #ask(id: Id, method: string, params: unknown, pending: PendingRequest | null): Promise<void> {
    const answer = (body: Raw) =>
      this.#transport.send({ jsonrpc: '2.0', id, ...body } as JSONRPCMessage).catch(() => {})
    const { exchange } = pending ?? {}
    if (!pending || !exchange) {
      const isShared = this.#pending.all().some((one) => one.exchange)
      const why = isShared ? overlapping : 'no request of a client is under way'
      // Where its owner looks for what went wrong; the server mostly hands the refusal to the assistant as it is.
      if (isShared) this.#hooks.onLog({ level: 'warning', logger: 'Drawbridge', data: `${method}: ${why}` })
      return answer(refusal(`It is not clear whom to ask: ${why}.`))
    }
    if (!exchange.ask) return answer(refusal(`The client that asked cannot answer ${method}.`, -32601))
    if (pending.inputRequests >= mostInputRequests || this.#asked.has(id))
      return answer(refusal('Too many questions at once.'))
    const abort = new AbortController()
    this.#asked.set(id, { pending, abort })
    if (method === 'elicitation/create') this.#urlElicitations.remember(params, exchange)
    pending.inputRequests += 1
    const asked = params === undefined ? { method } : { method, params: params as Raw }
    const body = await exchange.ask(asked, abort.signal).then((result) => ({ result }), refusalOf)
    this.#asked.delete(id)
    // While a person thinks, the server is not late; but it is when it takes its time to take the answer.
    pending.inputRequests -= 1
    if (pending.inputRequests === 0 && this.#pending.has(pending)) pending.restart()
    await answer(body)
  }
}

/** The latest of those that are able; of those that are not, any. */
const isBetter = (one: PendingRequest, than: PendingRequest, able: 'ask' | 'onLog'): boolean =>
  one.exchange?.[able] !== undefined && (than.exchange?.[able] === undefined || one.id > than.id)

const overlapping =
  'several clients are using this server at the same moment, and its question does not say which of them it is for, so nobody was asked. Whoever needs its questions while others use it adds the server a second time, in a workspace of their own'

/** Why the client gave no answer, for the server. */
function refusalOf(error: unknown): Raw {
  if (!(error instanceof ProtocolError)) return refusal('The client could not be asked.')
  const { code, message, data } = error
  return { error: { code, message, ...(data !== undefined && { data }) } }
}

const refusal = (message: string, code = -32603): Raw => ({ error: { code, message } })
