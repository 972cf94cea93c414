import {
  callResult,
  contents,
  initializeResult,
  keyOf,
  type ListName,
  listMethods,
  listNames,
  promptResult,
  readResult,
} from './fixture-odd-contents.ts'
import type { OddServer, Twist } from './fixture-odd-server.ts'
import { endpointFramings, eventFramings, httpFramings, stdioFramings } from './framings.ts'
import {
  type FieldMutation,
  mutate,
  type Path,
  pickFieldMutation,
  places,
  type Random,
  told,
  tooDeep,
} from './mutations.ts'
import { isObject, type Raw } from './raw-json.ts'

/** One mutation of what a server sends, and what it may cost. */
export interface Plan {
  how: string
  twist: Twist
  /** Whether a client may be refused, or an entry be missing, because of it. */
  mayFail: boolean
  /** The list that it is in; the others must be whole. */
  list?: ListName
  /** The entry of that list. */
  index?: number
  /** The server does not have that entry any more. */
  removed?: boolean
  /** The server says that the list is empty: by null, as Go writes it, or by an object with nothing in it. */
  saysNone?: boolean
  /** Lists that the server does not say it has. */
  undeclared?: ListName[]
  /** What must arrive of an answer, whatever else is wrong with it. */
  parts: string[]
}

/** In the answer to one of the four `…/list` requests: all of it, or one entry. */
export function planList(r: Random, slug: string, what: 'list' | 'entry'): Plan {
  const list = r.pick(listNames)
  const entries = contents(slug)[list]
  const index = Math.floor(r.next() * entries.length)
  const result = { [list]: entries, nextCursor: undefined, _meta: { kept: true } } as Raw
  const ofEntry = places(entries[index]).map((path) => [list, index, ...path])
  const paths: Path[] = what === 'list' ? [[], [list], ['nextCursor'], ['_meta']] : ofEntry
  const mutation = pickFieldMutation(r, result, paths)
  const { path } = mutation
  const isKey = what === 'entry' && (path.length === 2 || path[2] === keyOf[list])
  const isList = what === 'list' && (path.length === 0 || path[0] === list)
  return {
    how: `${list} ${told(mutation)}`,
    twist: { method: listMethods[list], times: Number.POSITIVE_INFINITY, alter: altered(mutation) },
    mayFail: path[0] !== 'nextCursor' && (isKey || isList || !costsNothing(mutation)),
    list,
    parts: [],
    ...(what === 'entry'
      ? { index, removed: path.length === 2 && mutation.change === 'dropped' }
      : { saysNone: isNone(mutate(result, mutation), list) }),
  }
}

function isNone(answer: unknown, list: ListName): boolean {
  const given = isObject(answer) ? answer[list] : undefined
  return given === null || (isObject(given) && Object.values(given).every((value) => value === null))
}

const capabilityOf = (name: ListName) => (name === 'resourceTemplates' ? 'resources' : name)

/** In the answer to `initialize` or `server/discover`. */
export function planInitialize(r: Random, { era }: OddServer): Plan {
  const method = era === '2025-11-25' ? 'initialize' : 'server/discover'
  const whole = initializeResult(era)
  const paths = places(whole).filter((path) => !path.includes('icons'))
  const mutation = pickFieldMutation(r, whole, paths)
  const [field] = mutation.path
  const mutated = mutate(whole, mutation)
  const capabilities = isObject(mutated) ? mutated.capabilities : undefined
  // Who says nothing at all of what it has is asked for everything.
  const says = (name: ListName) =>
    !isObject(capabilities) || ![undefined, null, false].includes(capabilities[capabilityOf(name)] as null)
  const isEssential = ['protocolVersion', 'supportedVersions', undefined].includes(
    field as string | undefined,
  )
  return {
    how: `${method} ${told(mutation)}`,
    twist: { method, times: Number.POSITIVE_INFINITY, alter: altered(mutation) },
    mayFail: isEssential || !costsNothing(mutation),
    undeclared: listNames.filter((name) => !says(name)),
    parts: [],
  }
}

/** Parts of blocks that a block can do without. */
const besides = ['annotations', '_meta', 'description', 'size', 'structuredContent', 'isError']

/** In one answer to `tools/call`, `resources/read` or `prompts/get`. */
export function planAnswer(r: Random, slug: string): Plan {
  const { method, target, result, blocks } = pickRequest(r, slug)
  const mutation = pickFieldMutation(
    r,
    result,
    places(result).filter((path) => path.length > 0),
  )
  const { change, path } = mutation
  const [field, index] = path
  const marked = (result[blocks] as unknown[]).flatMap((block, n) =>
    JSON.stringify(block).includes('block-') ? [n] : [],
  )
  const isBeside = besides.some((name) => path.includes(name))
  const isIntact = isBeside && costsNothing(mutation)
  const structured = method === 'tools/call' && field !== 'structuredContent' ? ['"structuredContent":{'] : []
  const isAll = field === blocks && path.length === 1
  // Of an answer that is nested without end nothing is looked at.
  const isDeep = mutation.value === tooDeep && change !== 'nulled' && change !== 'dropped'
  const arriving = marked.filter((n) => field !== blocks || (n !== index && !isAll) || isIntact)
  return {
    how: `${method} ${told(mutation)}`,
    twist: { method, target, times: 1, alter: altered(mutation) },
    // A block that cannot be read is lost alone; a result that is nothing but such a part cannot be had.
    mayFail: isDeep || !(isIntact || (arriving.length > 0 && field !== 'isError')),
    parts:
      isDeep || (isAll && !(['nulled', 'dropped'].includes(change) && method === 'tools/call'))
        ? []
        : [...arriving.map((n) => `block-${n}`), ...structured],
  }
}

/** A refusal, which may be odd in itself: the server's words are what counts. */
export function planRefusal(r: Random, slug: string): Plan {
  const { method, target } = pickRequest(r, slug)
  const error = { code: -32000, message: 'said by the server', data: { why: 'x' } }
  const mutation = pickFieldMutation(r, error, places(error))
  const isSaid = mutation.path.length === 1 && mutation.path[0] !== 'message' && mutation.value !== tooDeep
  return {
    how: `${method} refused: ${told(mutation)}`,
    twist: {
      ...{ method, target, times: 1 },
      alter: ({ result: _, ...message }) => ({ ...message, error: mutate(error, mutation) }),
    },
    mayFail: true,
    parts: isSaid ? ['said by the server'] : [],
  }
}

/** Where the transport of 2024-11-05 says that messages go. */
export function planEndpoint(r: Random): Plan & { endpoint: string } {
  const [endpoint, isPlain] = r.pick(endpointFramings)
  return {
    how: `endpoint ${JSON.stringify(endpoint)}`,
    twist: { method: 'initialize', times: 0 },
    mayFail: !isPlain,
    undeclared: [],
    parts: [],
    endpoint,
  }
}

/** One answer that is right, and put on the way oddly. */
export function planFraming(r: Random, { kind, era, slug }: OddServer): Plan {
  const { method, target } = pickRequest(r, slug)
  const http = httpFramings.filter((one) => !one.elsewhere || era === '2025-11-25')
  const framings = { stdio: stdioFramings, http, sse: eventFramings }[kind]
  const framing = r.pick<(typeof framings)[number]>(framings)
  return {
    how: `${method} framed: ${framing.how}`,
    twist: { method, target, times: 1, framing: framing as Twist['framing'] & {} },
    mayFail: !framing.plain,
    parts: framing.plain ? ['block-0', 'block-1'] : [],
  }
}

function pickRequest(r: Random, slug: string) {
  const method = r.pick(['tools/call', 'tools/call', 'resources/read', 'prompts/get'] as const)
  if (method === 'tools/call') return { method, target: 'tool_1', result: callResult('x'), blocks: 'content' }
  if (method === 'resources/read') {
    const target = `${slug}://resource/1`
    return { method, target, result: readResult(target), blocks: 'contents' }
  }
  return { method, target: 'prompt_1', result: promptResult('prompt_1'), blocks: 'messages' }
}

/** Null is absent, and what is unknown is passed over. */
const costsNothing = ({ change, path, value }: FieldMutation): boolean =>
  !(change === 'unknown beside it' && value === tooDeep) &&
  ['nulled', 'dropped', 'unknown beside it'].includes(change) &&
  typeof path.at(-1) !== 'number'

const altered =
  (mutation: FieldMutation): Twist['alter'] & {} =>
  (message) => ({ ...message, result: mutate(message.result, mutation) })
