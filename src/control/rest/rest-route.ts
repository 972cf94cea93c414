import * as z from 'zod'
import { api, type CallName, type Input, type Output } from '../../contract/api.ts'
import type { ErrorReply } from '../../contract/errors.ts'
import { HostError } from '../../kernel/errors.ts'

/** Asks the host through the contract. Throws RestRefusal with what the host said. */
export type Ask = <K extends CallName>(name: K, input: Input<K>) => Promise<Output<K>>

interface RestRequest {
  /** What `{id}` of the path was: an id or a short name. */
  id: string
  /** Each parameter once, and only those that the route knows. */
  query: Readonly<Record<string, string>>
  /** As sent; the contract checks it. */
  body: unknown
  /** Of a route with `bodyTypes`: each header once; else none. */
  headers: Readonly<Record<string, string>>
}

/** One route of the admin interface: what is served, and what the OpenAPI document says about it. */
export interface RestRoute {
  method: 'get' | 'post' | 'patch' | 'delete'
  /** Below `/api/v1`, in OpenAPI's spelling. */
  path: string
  operationId: string
  summary: string
  description?: string
  query?: z.ZodObject
  /** A JSON object that must be sent. */
  body?: z.ZodType
  /** Media types besides `application/json` under which it may come; then any JSON value will do. */
  bodyTypes?: readonly string[]
  answer: { status: 200 | 201 | 204; description: string; schema?: z.ZodType }
  /** Statuses of this route's own errors, besides those that every route has. */
  errors: readonly (400 | 404 | 409)[]
  run(request: RestRequest, ask: Ask): Promise<unknown>
  /** Of a route that answers in parts: what `run` gives is then an AsyncIterable of text, of the media type it names. */
  streams?: readonly string[]
}

/** An answer in parts, each asked for once the one before it was taken. */
export interface Streamed {
  type: string
  parts: AsyncIterable<string>
}

/** An error as a REST client gets it. */
export class RestRefusal extends Error {
  readonly status: number
  readonly reply: ErrorReply

  constructor(status: number, reply: ErrorReply) {
    super(reply.message)
    this.name = 'RestRefusal'
    this.status = status
    this.reply = reply
  }
}

/** A missing one stays missing; an empty or mistyped one is for the contract to refuse. */
export const numberIn = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Number(text || Number.NaN)

/** Of a list that is given in pages. */
export const pageAnswer = (rows: z.ZodRawShape): RestRoute['answer'] => ({
  status: 200,
  description: '`next`: the value of `before` for the page after this one; null when this is the last.',
  schema: z.object({ ...rows, next: z.string().nullable() }),
})

/** Of a page that may be the last: only one that is full has another behind it. */
export function nextOf(
  list: 'activity.list' | 'timeline.list',
  { limit = api[list].input.parse({}).limit }: { limit?: number | undefined },
  page: readonly { id: string }[],
): string | null {
  return page.length === limit ? (page.at(-1)?.id ?? null) : null
}

/** What a program sent, read strictly: what it may not say is refused rather than ignored. Throws RestRefusal 400. */
export function parsedBody<T extends z.ZodObject>(
  schema: T,
  body: unknown,
  what: 'server' | 'tool' | 'folder',
): z.output<T> {
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  const first = parsed.error.issues[0]!
  const params = { problem: first.message, takes: Object.keys(schema.shape).join(' and ') }
  throw new RestRefusal(
    400,
    new HostError({ code: 'bad-input', says: `rest-${what}-change`, params }).reply(),
  )
}
