import {
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  type LoggingLevel,
  type RequestId,
} from '@modelcontextprotocol/server'
import { isObject } from '../../kernel/is-object.ts'
import type { Tracked } from '../../kernel/tracked-set.ts'
import { declaresTasks, withoutOtherExtensions } from '../../mcp/extensions.ts'
import type { Raw } from '../../mcp/tool-source.ts'
import type { Caller } from '../calls/caller.ts'
import { chatOf } from '../calls/chat.ts'
import type { ClientRequest } from '../calls/client-request.ts'
import type { Era } from '../offers/visible-list.ts'
import type { Answer } from './answer.ts'
import type { ClientMessage } from './client-message.ts'
import { errorMessage, type Framed, framedResponse, responseText } from './rpc-messages.ts'
import type { Session } from './sessions/sessions.ts'

const noMeta: Raw = {}

/** Older clients without a session: no two requests of theirs are known to come from the same one. */
let strangers = 0

/**
 * Whom a request without a session belongs to. In the 2026-07-28 era a client that was let in is one client: what it
 * never answers must not keep its own later calls from being asked anything.
 */
function ownKey(era: Era, grantId: string): string {
  if (era === 'modern') return `${grantId}/modern`
  strangers += 1
  return `${grantId}/request/${strangers}`
}

/**
 * One request of a client on its way to its answer; one that leads to a source is a `ClientRequest` once `source-requests.ts` said what
 * its client can do.
 */
export class IncomingRequest implements Tracked, Omit<ClientRequest, 'method'> {
  readonly era: Era
  readonly id: RequestId
  readonly method: string
  /** As sent, without `_meta`, `inputResponses` and `requestState`; empty when there were none. */
  readonly params: Raw
  /** `_meta`, as sent. */
  readonly envelope: Raw
  readonly caller: Caller
  /** Of the 2025 era, when the client has one. */
  readonly session: Session | null
  readonly key: string
  readonly answer: Answer
  /** What the client declared, as far as it can be passed on. */
  readonly capabilities: ClientCapabilities
  /** Among those of its session that are under way. */
  place = -1
  readonly #stop: () => void

  cameAt: number | undefined = undefined
  meta: Raw | undefined = undefined
  context: Raw | undefined = undefined
  logLevel: LoggingLevel | undefined = undefined
  inputResponses: Raw | undefined = undefined
  requestState: string | undefined = undefined
  onProgress: ClientRequest['onProgress'] = undefined
  onLog: ClientRequest['onLog'] = undefined
  ask: ClientRequest['ask'] = undefined
  onElicitationComplete: ClientRequest['onElicitationComplete'] = undefined

  /** `stop` aborts `caller.signal`. */
  constructor(
    { era, id, method, params }: Extract<ClientMessage, { kind: 'request' }>,
    { caller, stop }: { caller: Caller; stop(): void },
    session: Session | null,
    answer: Answer,
  ) {
    this.era = era
    this.id = id
    this.method = method
    this.caller = caller
    this.session = session
    this.key = session?.key ?? ownKey(era, caller.principal.grantId)
    this.answer = answer
    this.#stop = stop
    if ('_meta' in params || 'inputResponses' in params || 'requestState' in params) {
      const { _meta, inputResponses, requestState, ...rest } = params
      this.params = rest
      this.envelope = isObject(_meta) ? _meta : noMeta
      if (era === 'modern') {
        // Looked at where they are used: `checkRetry` (source-requests.ts).
        this.inputResponses = inputResponses as Raw | undefined
        this.requestState = requestState as string | undefined
      }
    } else {
      this.params = params
      this.envelope = noMeta
    }
    this.capabilities =
      era === 'legacy'
        ? (session?.capabilities ?? {})
        : withoutOtherExtensions((this.envelope[CLIENT_CAPABILITIES_META_KEY] ?? {}) as ClientCapabilities)
  }

  get chat(): string | null {
    return chatOf(this.envelope, this.session?.chat ?? null)
  }

  /** Only in the 2026 era, in which a client says with every request what it takes. */
  get takesTasks(): boolean {
    return this.era === 'modern' && declaresTasks(this.envelope[CLIENT_CAPABILITIES_META_KEY])
  }

  /** Breaks it off: nobody waits for its response. */
  stop(): void {
    this.#stop()
    this.answer.drop()
  }

  /** `result` is JSON. */
  respond(result: string, status?: number, headers?: readonly string[]): void {
    this.answer.end(responseText(this.id, result), status, headers)
  }

  /** `result` is JSON that was made before. */
  respondFramed(result: Framed): void {
    this.answer.end(framedResponse(this.id, result))
  }

  refuse(
    error: { code: number; message: string; data?: unknown },
    status = 200,
    headers?: readonly string[],
  ): void {
    this.answer.end(errorMessage(this.id, error), status, headers)
  }
}
