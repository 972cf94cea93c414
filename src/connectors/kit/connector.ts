import * as z from 'zod'
import { HostError } from '../../kernel/errors.ts'
import type { Answer, Service } from './service.ts'

/** Where a value came from, part of every answer. */
export const freshness = {
  asOf: z.iso.datetime().describe('When the service gave these values'),
  stale: z
    .boolean()
    .describe('True when the service could not be reached and these are the last known values'),
}
export interface Freshness {
  asOf: string
  stale: boolean
}

/** One tool of a connector. `T` are the values it finds, without their freshness. */
export interface ConnectorTool<I extends z.ZodObject = z.ZodObject, T extends object = object> {
  name: string
  title: string
  description: string
  input: I
  /** Of `T`; freshness is added. */
  output: z.ZodObject
  annotations: {
    readOnlyHint: boolean
    destructiveHint: boolean
    idempotentHint: boolean
    openWorldHint: boolean
  }
  /** The path below the base URL. Every part that comes from the caller must be encoded. */
  path(input: z.output<I>): string
  headers?: Readonly<Record<string, string>>
  /** Reads the service's answer; throws ZodError when it is not as documented. */
  read(body: unknown, input: z.output<I>): T
  /** One or two sentences for a person. */
  say(values: T): string
  /** The 404 of this service, in words. */
  notFound(input: z.output<I>): HostError
}

/** A service of the outside and what can be asked of it. */
export interface Connector {
  /** Also the key of its base URL in the configuration. */
  slug: string
  name: string
  baseUrl: string
  tools: readonly ConnectorTool[]
}

/** Checks the types where a tool is written; in the list they are all alike. */
export const defineTool = <I extends z.ZodObject, T extends object>(
  tool: ConnectorTool<I, T>,
): ConnectorTool => tool as unknown as ConnectorTool

/** A tool as MCP lists it. */
export function toolDefinition(tool: ConnectorTool) {
  return {
    name: tool.name,
    title: tool.title,
    description: tool.description,
    inputSchema: z.toJSONSchema(tool.input, { io: 'input' }) as { type: 'object'; [more: string]: unknown },
    outputSchema: z.toJSONSchema(tool.output.extend(freshness)) as {
      type: 'object'
      [more: string]: unknown
    },
    annotations: { title: tool.title, ...tool.annotations },
  }
}

/** Answers that are still of use when the service does not answer, by tool and input. */
export interface LastKnown {
  get(key: string): Known | undefined
  set(key: string, known: Known): void
  delete(key: string): void
}
interface Known {
  values: object
  etag: string | null
  at: number
}

export function createLastKnown(most = 200): LastKnown {
  const all = new Map<string, Known>()
  return {
    get: (key) => all.get(key),
    set(key, known) {
      all.delete(key)
      all.set(key, known)
      if (all.size > most) all.delete(all.keys().next().value!)
    },
    delete: (key) => void all.delete(key),
  }
}

/** Runs one call. Throws HostError, unless the last known values can stand in. */
export async function runTool(
  tool: ConnectorTool,
  args: Record<string, unknown>,
  deps: { service: Service; known: LastKnown; now(): number; signal: AbortSignal },
) {
  const input = parseInput(tool, args)
  const key = `${tool.name} ${JSON.stringify(input)}`
  const known = deps.known.get(key)
  const result = (values: object, at: number, stale: boolean, note = '') => {
    const structuredContent = { ...values, asOf: new Date(at).toISOString(), stale }
    const text = `${note}${tool.say(values)}\n${JSON.stringify(structuredContent)}`
    return { content: [{ type: 'text' as const, text }], structuredContent }
  }
  let answer: Answer
  let values: object
  try {
    answer = await deps.service.get(tool.path(input), {
      headers: { ...tool.headers, ...(known?.etag && { 'if-none-match': known.etag }) },
      signal: deps.signal,
    })
    if (answer.status === 404) {
      deps.known.delete(key)
      throw tool.notFound(input)
    }
    values = answer.status === 304 && known ? known.values : readBody(tool, answer, input, deps.service.name)
  } catch (error) {
    if (!known || !(error instanceof HostError) || !canStandIn.has(error.code)) throw error
    return result(
      known.values,
      known.at,
      true,
      `Last known, from ${age(deps.now() - known.at)} ago: ${error.message}\n`,
    )
  }
  const at = deps.now()
  deps.known.set(key, { values, etag: answer.etag ?? known?.etag ?? null, at })
  return result(values, at, false)
}

const canStandIn = new Set([
  'service-unreachable',
  'service-slow',
  'service-broken',
  'service-rate-limited',
  'service-answer-invalid',
])

function parseInput(tool: ConnectorTool, args: Record<string, unknown>): Record<string, unknown> {
  const parsed = tool.input.safeParse(args)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues
    .slice(0, 5)
    .map(({ path, message }) => `${path.join('.') || 'arguments'}: ${message}`)
  throw new HostError({
    code: 'arguments-invalid',
    message: `The arguments of ${tool.name} do not fit. ${problems.join('; ')}`,
    hint: 'Correct them and call the tool again.',
  })
}

function readBody(tool: ConnectorTool, answer: Answer, input: Record<string, unknown>, name: string): object {
  try {
    return tool.read(answer.body, input)
  } catch (cause) {
    throw new HostError({
      code: 'service-answer-invalid',
      message: `${name} answered in a way that Drawbridge does not understand.`,
      hint: 'Try again later. If it lasts, a newer Drawbridge may help.',
      cause,
    })
  }
}

/** "3 minutes", "one hour": milliseconds in words. */
export function age(milliseconds: number): string {
  const minutes = Math.round(milliseconds / 60_000)
  const [count, unit] =
    minutes < 1
      ? [Math.max(1, Math.round(milliseconds / 1_000)), 'second']
      : minutes < 90
        ? [minutes, 'minute']
        : minutes < 36 * 60
          ? [Math.round(minutes / 60), 'hour']
          : [Math.round(minutes / 1_440), 'day']
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}
