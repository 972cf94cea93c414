import type { ClientCapabilities, LoggingLevel, RequestId } from '@modelcontextprotocol/server'
import { type Tracked, TrackedSet } from '../../../kernel/tracked-set.ts'
import type { Raw } from '../../../mcp/tool-source.ts'
import type { EventStream } from '../../../net/event-stream.ts'
import type { Principal } from '../../calls/caller.ts'
import type { Subscriptions } from '../../offers/resources/subscriptions.ts'
import type { ListKind } from '../../offers/visible-list.ts'
import { notificationText } from '../rpc-messages.ts'
import { createSessionIds, type SessionFacts } from './session-id.ts'

/** What a client answered to a question of ours. */
export type QuestionAnswer = { result: Raw } | { error: { code: number; message: string; data?: unknown } }

/** A request of a session, while it is under way. */
export interface RunningRequest extends Tracked {
  readonly id: RequestId
  /** Ends it: nobody waits for its response. */
  stop(): void
}

/** One client of the 2025 era, from its `initialize` on. Reached by its owner only; see `createSessions`. */
export interface Session {
  readonly id: string
  /** Names it among all sessions of everybody, without being what lets anybody in. */
  readonly key: string
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
  /** Questions the client has not answered yet, by our id. */
  readonly questions: Map<string, (answer: QuestionAnswer) => void>
  /** Subscribed resources. */
  readonly uris: Set<string>
}

export type Sessions = ReturnType<typeof createSessions>

/** Sessions remembered at most. One that is forgotten while idle comes back with its next request. */
const most = 4_000
/** Ended sessions remembered: their ids would otherwise still be good. */
const mostEnded = 20_000

export function createSessions(deps: { key: Buffer; subscriptions: Pick<Subscriptions, 'set' | 'remove'> }) {
  const { subscriptions } = deps
  const ids = createSessionIds(deps.key)
  const live = new Map<string, Session>()
  const ended = new Set<string>()
  let made = 0

  const remember = (id: string, { version, capabilities }: SessionFacts, principal: Principal): Session => {
    made += 1
    const session: Session = {
      id,
      key: `${principal.grantId}/session/${made}`,
      principal,
      version,
      capabilities,
      logLevel: 'debug',
      stream: null,
      lists: new Map(),
      running: new TrackedSet(),
      questions: new Map(),
      uris: new Set(),
    }
    if (live.size >= most) forgetIdle()
    live.set(id, session)
    return session
  }

  const forgetIdle = () => {
    for (const session of live.values()) {
      if (session.stream !== null || session.running.size > 0) continue
      forget(session)
      return
    }
  }

  const forget = (session: Session) => {
    live.delete(session.id)
    if (session.uris.size > 0) {
      session.uris.clear()
      subscriptions.set(session.key, session.principal, session.uris, () => {})
    }
  }

  const end = (session: Session) => {
    forget(session)
    for (const request of session.running.all()) request.stop()
    session.stream?.close()
    session.stream = null
  }

  const owns = (session: Session, { grantId, workspace }: Principal): boolean =>
    session.principal.grantId === grantId && session.principal.workspace === workspace

  const hearsOf = (session: Session) => (uri: string) =>
    session.stream?.send(notificationText('notifications/resources/updated', { uri }))

  return {
    begin: (facts: SessionFacts, principal: Principal): Session =>
      remember(ids.make(facts, principal), facts, principal),
    /** The session of that id, when it is this principal's. */
    find(id: string, principal: Principal): Session | null {
      const known = live.get(id)
      if (known === undefined) {
        if (ended.has(id)) return null
        const facts = ids.read(id, principal)
        return facts === null ? null : remember(id, facts, principal)
      }
      if (!owns(known, principal)) return null
      if (known.principal !== principal) {
        known.principal = principal
        // with other rights other resources may be heard of
        if (known.uris.size > 0) subscriptions.set(known.key, principal, known.uris, hearsOf(known))
      }
      return known
    },
    /** As the client wishes: its id is good for nothing from now on. */
    end(session: Session): void {
      if (ended.size >= mostEnded) ended.delete(ended.values().next().value!)
      ended.add(session.id)
      end(session)
    },
    endGrant(grantId: string): void {
      for (const session of [...live.values()]) if (session.principal.grantId === grantId) end(session)
    },
    hearsOf,
    all: (): Iterable<Session> => live.values(),
    /** Nothing is told to the clients: they may go on after a restart. */
    close(): void {
      for (const session of [...live.values()]) end(session)
    },
  }
}
