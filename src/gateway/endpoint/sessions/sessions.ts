import type { ClientCapabilities, LoggingLevel, RequestId } from '@modelcontextprotocol/server'
import { type Tracked, TrackedSet } from '../../../kernel/tracked-set.ts'
import type { Principal } from '../../../mcp/principal.ts'
import type { Raw } from '../../../mcp/tool-source.ts'
import type { EventStream } from '../../../net/event-stream.ts'
import { chatOfSession } from '../../calls/chat.ts'
import type { Subscriptions } from '../../offers/resources/subscriptions.ts'
import type { ListKind } from '../../offers/visible-list.ts'
import { notificationText } from '../rpc-messages.ts'
import { createSessionIds, type SessionFacts } from './session-id.ts'
import type { SessionWishes } from './session-wishes.ts'

/** What a client answered to what it was asked. */
export type ElicitationAnswer = { result: Raw } | { error: { code: number; message: string; data?: unknown } }

/** A request of a session, while it is under way. */
export interface RunningRequest extends Tracked {
  readonly id: RequestId
  /** Ends it: nobody waits for its response. */
  stop(): void
}

/** One client of the 2025 era, from its `initialize` on. Reached by its owner only; see `Sessions`. */
export interface Session {
  readonly id: string
  /** Names it among all sessions of everybody, without being what lets anybody in. */
  readonly key: string
  /** Which chat it is (`chatOf`), where the client says nothing else. */
  readonly chat: string
  /** It was forgotten, by a restart too, and its client is still there. */
  readonly comesBack: boolean
  principal: Principal
  version: string
  capabilities: ClientCapabilities
  /** Until the client says something else it hears everything, as it would from the server itself. */
  logLevel: LoggingLevel
  /** For what nobody asked for: changed lists and resources. */
  stream: EventStream | null
  /** Each list (`VisibleList.told`) as the client last got it, or was last told that it is another one. */
  readonly lists: Map<ListKind, string>
  /** The requests that are under way. An id of the client may stand for several. */
  readonly running: TrackedSet<RunningRequest>
  /** What the client was asked and has not answered yet, by our id. */
  readonly pendingElicitations: Map<string, (answer: ElicitationAnswer) => void>
  /** Subscribed resources. */
  readonly uris: Set<string>
}

/** Sessions remembered at most. One that is forgotten while idle comes back with its next request. */
const most = 4_000
/** Ended sessions remembered: their ids would otherwise still be good. */
const mostEnded = 20_000

export class Sessions {
  readonly #subscriptions: Pick<Subscriptions, 'set' | 'remove'>
  readonly #wishes: SessionWishes | undefined
  readonly #tellEnded: ((session: Session) => void) | undefined
  readonly #ids: ReturnType<typeof createSessionIds>
  readonly #live = new Map<string, Session>()
  readonly #ended = new Set<string>()
  #made = 0

  constructor(deps: {
    key: Buffer
    subscriptions: Pick<Subscriptions, 'set' | 'remove'>
    wishes?: SessionWishes | undefined
    /** Its client said that it is over. */
    ended?(session: Session): void
  }) {
    this.#wishes = deps.wishes
    this.#tellEnded = deps.ended
    this.#subscriptions = deps.subscriptions
    this.#ids = createSessionIds(deps.key)
  }

  begin(facts: SessionFacts, principal: Principal): Session {
    return this.#remember(this.#ids.make(facts, principal), facts, principal, false)
  }

  /** The session of that id, when it is this principal's. */
  find(id: string, principal: Principal): Session | null {
    const session = this.#live.get(id)
    if (session === undefined) {
      if (this.#ended.has(id)) return null
      const facts = this.#ids.read(id, principal)
      return facts === null ? null : this.#recall(this.#remember(id, facts, principal, true))
    }
    if (!owns(session, principal)) return null
    if (session.principal !== principal) {
      session.principal = principal
      // with other rights other resources may be heard of
      if (session.uris.size > 0)
        this.#subscriptions.set(session.key, principal, session.uris, this.hearsOf(session))
    }
    return session
  }

  hearsOf(session: Session): (uri: string) => void {
    return (uri) => session.stream?.send(notificationText('notifications/resources/updated', { uri }))
  }

  all(): Iterable<Session> {
    return this.#live.values()
  }

  /** As the client wishes: its id is good for nothing from now on. */
  end(session: Session): void {
    if (this.#ended.size >= mostEnded) this.#ended.delete(this.#ended.values().next().value!)
    this.#ended.add(session.id)
    this.#breakOff(session)
    this.#wishes?.end(session)
    this.#tellEnded?.(session)
  }

  endGrant(grantId: string): void {
    for (const session of [...this.#live.values()])
      if (session.principal.grantId === grantId) this.#breakOff(session)
    this.#wishes?.endGrant(grantId)
  }

  /** Nothing is told to the clients: they may go on after a restart. */
  close(): void {
    for (const session of [...this.#live.values()]) this.#breakOff(session)
  }

  #remember(
    id: string,
    { version, capabilities }: SessionFacts,
    principal: Principal,
    comesBack: boolean,
  ): Session {
    this.#made += 1
    const session: Session = {
      id,
      key: `${principal.grantId}/session/${this.#made}`,
      chat: chatOfSession(id),
      comesBack,
      principal,
      version,
      capabilities,
      logLevel: 'debug',
      stream: null,
      lists: new Map(),
      running: new TrackedSet(),
      pendingElicitations: new Map(),
      uris: new Set(),
    }
    if (this.#live.size >= most) this.#forgetIdle()
    this.#live.set(id, session)
    return session
  }

  /** Its client asked once, and takes it that this holds as long as the session does. */
  #recall(session: Session): Session {
    const wished = this.#wishes?.of(session)
    session.logLevel = wished?.logLevel ?? session.logLevel
    for (const uri of wished?.uris ?? []) session.uris.add(uri)
    if (session.uris.size > 0)
      this.#subscriptions.set(session.key, session.principal, session.uris, this.hearsOf(session))
    return session
  }

  #forgetIdle(): void {
    for (const session of this.#live.values()) {
      if (session.stream !== null || session.running.size > 0) continue
      this.#forget(session)
      return
    }
  }

  #forget(session: Session): void {
    this.#live.delete(session.id)
    if (session.uris.size === 0) return
    session.uris.clear()
    this.#subscriptions.set(session.key, session.principal, session.uris, () => {})
  }

  #breakOff(session: Session): void {
    this.#forget(session)
    for (const request of session.running.all()) request.stop()
    session.stream?.close()
    session.stream = null
  }
}

const owns = (session: Session, { grantId, workspace }: Principal): boolean =>
  session.principal.grantId === grantId && session.principal.workspace === workspace
