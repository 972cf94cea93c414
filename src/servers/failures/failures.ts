import { ProtocolError, SdkHttpError, UnsupportedProtocolVersionError } from '@modelcontextprotocol/client'
import { saidLater } from '../../../locales/say.ts'
import { type ErrorParams, type ErrorText, errorText, HostError, isHostError } from '../../kernel/errors.ts'
import { causes, triedAgain } from '../../net/connection-failures.ts'
import type { ChildExit } from '../../system/process-group.ts'
import { duration } from './duration.ts'
import { hintFor, isLasting, isOutside, type LastWords, lastWordsOf, type WordsKind } from './last-words.ts'
import { plainLine } from './log-lines.ts'

/** What is known about a stdio server that did not come up. */
export interface StartFacts {
  name: string
  command: string
  exit: ChildExit | null
  /** The most telling line it wrote, redacted. */
  said: LastWords
  /** Makes a line without secrets of what it answered, before that is quoted. */
  clean(text: string): string
  /** A package runner was still fetching it. */
  isFetching: boolean
  rubbish: number
  messages: number
  /** Set when time ran out. Milliseconds. */
  waited: number | null
}

/** Why a stdio server did not come up, in words for people. */
export function startFailure(facts: StartFacts, cause: unknown): HostError {
  if (isHostError(cause)) return cause
  const detail = errorText(cause)
  const errno = (cause as NodeJS.ErrnoException | undefined)?.code
  if (errno === 'ENOENT' || errno === 'EACCES' || errno === 'ENOEXEC') {
    return new HostError({
      code: 'command-not-found',
      params: { command: facts.command },
      detail,
      cause,
    })
  }
  const { kind } = facts.said
  const make = ({ about = kind, ...said }: { code: string; says: StartText; about?: WordsKind | null }) => {
    const params = paramsOf(facts, kind, cause)
    const error = new HostError({ ...said, params, quotes: facts.said.line !== '', detail, cause })
    abouts.set(error, about)
    return error
  }
  if (facts.exit) return make({ code: 'server-died-at-start', says: 'start-died' })
  // What it said of the network or of Docker is why it does nothing else.
  if (facts.messages === 0 && facts.rubbish > 0 && !isOutside(kind))
    return make({ code: 'server-not-mcp', says: 'start-rubbish', about: null })
  if (facts.waited !== null && facts.isFetching)
    return make({ code: 'server-not-downloaded', says: 'start-not-downloaded' })
  if (facts.waited !== null)
    return make({
      code: 'server-silent',
      says: kind === null || kind === 'error' ? 'start-silent' : 'start-silent-for',
    })
  if (unknownVersion(cause) !== null)
    return make({ code: 'server-protocol-unknown', says: 'server-version-unknown', about: null })
  if (cause instanceof ProtocolError) return refusedFirst(facts, cause)
  return make({ code: 'server-not-mcp', says: 'start-not-mcp', about: null })
}

/** A JSON-RPC error is MCP, and what it is about may pass, whatever it is: only that it is outside of the program is taken from the words. */
function refusedFirst({ name, clean }: StartFacts, cause: ProtocolError): HostError {
  const { kind, line } = lastWordsOf([clean(cause.message)])
  const error = new HostError({
    code: 'server-refused-first',
    says: 'start-refused-first',
    params: {
      name,
      quote: line === '' ? '' : saidLater('part.itSays', { said: line.slice(0, 300) }),
      hint: hintFor(kind),
    },
    detail: errorText(cause),
    cause,
  })
  abouts.set(error, isOutside(kind) ? kind : null)
  return error
}

type StartText = Exclude<
  Extract<ErrorText, `start-${string}` | 'server-version-unknown'>,
  'start-refused-first'
>

function paramsOf(
  { name, exit, rubbish, said, waited, isFetching }: StartFacts,
  kind: WordsKind | null,
  cause: unknown,
): ErrorParams<StartText>['params'] {
  const quote = quoted(said)
  return {
    name,
    ...howEnded(exit),
    reason: quote || saidLater('part.noReason'),
    // Otherwise what it said is not why it is silent.
    quote: kind !== null || isFetching ? quote : '',
    count: rubbish,
    time: duration(waited ?? 0),
    hint: hintFor(kind),
    triedAgain,
    ...(unknownVersion(cause) ?? { isKnown: false, versions: '' }),
  }
}

const howEnded = (exit: StartFacts['exit']) => ({
  signal: exit?.signal ?? '',
  exitCode: exit?.code ?? '',
  how: exit?.signal ? 'signal' : exit?.code ? 'code' : 'unknown',
})

/** That a server speaks a version of MCP which we do not, over whatever transport; null: it is something else. */
export function unknownVersion(cause: unknown): { isKnown: boolean; versions: string } | null {
  const detail = causes(cause)
    .map(({ message }) => message)
    .join('\n')
  const error = causes(cause).at(-1)
  const isIt = /protocol version (?:is )?not supported|unsupported protocol version/i.test(detail)
  if (!isIt && !(error instanceof UnsupportedProtocolVersionError)) return null
  const versions =
    error instanceof UnsupportedProtocolVersionError
      ? error.supported.join(', ')
      : (/not supported: (\S+)/.exec(detail)?.[1] ?? '')
  return { isKnown: versions !== '', versions: plainLine(versions).slice(0, 80) }
}

/** A stdio server that had worked and ended by itself. */
export function endedWhileRunning({ name, exit, said }: StartFacts): HostError {
  const error = new HostError({
    code: 'server-died',
    params: { name, ...howEnded(exit), quote: quoted(said) },
    quotes: said.line !== '',
  })
  abouts.set(error, said.kind)
  return error
}

const quoted = ({ line }: LastWords) =>
  line === '' ? '' : saidLater('part.lastWords', { said: plainLine(line).slice(0, 300) })

/** What the last words were about, of errors that were made here. */
const abouts = new WeakMap<HostError, WordsKind | null>()
/** Whether the same will be said each time it is started. */
export const isDefinite = (error: HostError): boolean =>
  error.code === 'server-not-mcp' || isLasting(abouts.get(error) ?? null)
/** Whether the cause is none of the program’s own: it is tried again without an end. */
export const isFromOutside = (error: HostError): boolean => isOutside(abouts.get(error) ?? null)

/** Whether the other side could not be reached at all, so that trying again later makes sense. */
export const isUnreachable = (error: unknown): boolean => isHostError(error) && unreachable.has(error.code)
const unreachable: ReadonlySet<string> = new Set([
  'server-unreachable',
  'server-certificate',
  'proxy-refused',
])

/** Whether the server only forgot our session: it takes a new one. */
export const isForgotten = (error: unknown): boolean =>
  isHostError(error) && error.code === 'server-session-ended'

/** How long the server wants to be left alone, in milliseconds, an hour at most; null: it did not say. */
export function restWanted(error: unknown): number | null {
  for (let at = error; at instanceof Error; at = at.cause) {
    const rest = at instanceof SdkHttpError ? (at.data as { retryAfter?: unknown }).retryAfter : undefined
    if (typeof rest === 'number') return Math.min(rest, longestRest)
  }
  return null
}
/** A server must not be able to have itself forgotten. Milliseconds. */
const longestRest = 60 * 60_000

/** Too many requests: nothing is wrong, with the server or with us. */
export const isRateLimited = (error: unknown): boolean =>
  isHostError(error) && error.code === 'server-rate-limited'

/** Whether a failed start is repeated even if nobody asked for that: the server said that it will do, or only we were forgotten. */
export const passesByItself = (error: unknown): boolean =>
  isForgotten(error) || isRateLimited(error) || (isHostError(error) && restWanted(error) !== null)

export function httpStatus(error: unknown): number | null {
  for (let at = error; at instanceof Error; at = at.cause)
    if (at instanceof SdkHttpError) return at.status ?? null
  return null
}
