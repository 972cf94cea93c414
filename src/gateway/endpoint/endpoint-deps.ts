import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log/log.ts'
import type { Traffic } from '../../kernel/traffic.ts'
import type { Principal } from '../../mcp/principal.ts'
import type { Pipeline } from '../calls/pipeline.ts'
import type { Catalog } from '../offers/catalog.ts'
import type { Subscriptions } from '../offers/resources/subscriptions.ts'
import type { ListKind, VisibleList } from '../offers/visible-list.ts'
import type { SessionWishes } from './sessions/session-wishes.ts'

/** What the endpoint needs of the rest of the house. */
export interface EndpointDeps {
  catalog: Pick<Catalog, 'list' | 'resolve' | 'instructions' | 'capabilities' | 'onChanged'>
  pipeline: Pick<Pipeline, 'request' | 'tasks'>
  subscriptions: Pick<Subscriptions, 'set' | 'add' | 'remove'>
  /** `WWW-Authenticate` value (RFC 6750 §3). */
  challenge(resource: string, error: { error: string; description: string; scope?: string }): string
  /** The same principal with the rights its grant has now; null when it has none any more. */
  principalNow(principal: Principal): Principal | null
  /** Told with every list that goes out. */
  onServed?(principal: Principal, kind: ListKind, list: VisibleList): void
  /** The hash of the list that last went out to a client of that grant, before a restart too. */
  lastServed?(grantId: string, kind: ListKind): string | undefined
  /** A client said that one of its chats is over (`chatOf`). */
  onChatEnded?(grantId: string, chat: string): void
  /** What was asked for in sessions, over restarts. Left out: it ends with the program. */
  sessionWishes?: SessionWishes
  /** 32 bytes that stay the same over restarts: with them sessions of the 2025 era live on. */
  sessionKey: Buffer
  version: string
  clock: Clock
  log: Log
  onTraffic(event: Traffic): void
}

/** Who we are (MCP, `Implementation`). */
export const serverInfoOf = (version: string) => ({ name: 'Drawbridge', title: 'Drawbridge', version })
