import { SdkHttpError, UnsupportedProtocolVersionError } from '@modelcontextprotocol/client'
import { errorText, HostError, isHostError } from '../../kernel/errors.ts'
import { causes, triedAgain } from '../../net/connection-failures.ts'
import type { ChildExit } from '../../system/process-group.ts'
import { seconds } from './duration.ts'
import { hintFor, isLasting, isOutside, type LastWords, type WordsKind } from './last-words.ts'
import { plainLine } from './log-lines.ts'

/** What is known about a stdio server that did not come up. */
export interface StartFacts {
  name: string
  command: string
  exit: ChildExit | null
  /** The most telling line it wrote, redacted. */
  said: LastWords
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
  const { name } = facts
  const errno = (cause as NodeJS.ErrnoException | undefined)?.code
  if (errno === 'ENOENT' || errno === 'EACCES' || errno === 'ENOEXEC') {
    return new HostError({
      code: 'command-not-found',
      message: `The command “${facts.command}” could not be started.`,
      hint: 'Was the program moved, updated or removed? Check that it still works in a terminal, then remove this server and add it again.',
      detail,
      cause,
    })
  }
  const { kind } = facts.said
  const make = (code: string, message: string, hint: string, about: WordsKind | null = kind) => {
    const error = new HostError({ code, message, hint, detail, cause })
    abouts.set(error, about)
    return error
  }
  const said = quoted(facts.said)
  if (facts.exit) {
    const how = facts.exit.signal ? `ended by ${facts.exit.signal}` : `exit code ${facts.exit.code}`
    return make(
      'server-died-at-start',
      `“${name}” stopped right after it was started (${how}).${said || ' It gave no reason.'}`,
      hintFor(kind),
    )
  }
  // What it said of the network or of Docker is why it does nothing else.
  const outside = isOutside(kind)
  if (facts.messages === 0 && facts.rubbish > 0 && !outside) {
    return make(
      'server-not-mcp',
      `“${name}” runs, but does not speak MCP: it printed ${facts.rubbish === 1 ? 'a line' : `${facts.rubbish} lines`} of other text and no answer.`,
      'Check that the command starts an MCP server over standard input and output (“stdio”). Its log shows what it printed.',
      null,
    )
  }
  if (facts.waited !== null && facts.isFetching) {
    return make(
      'server-not-downloaded',
      `The program of “${name}” was not downloaded within ${seconds(facts.waited)}.${said}`,
      `Check that this computer is online and the connection is fast enough. What was downloaded so far is often kept. ${triedAgain}`,
    )
  }
  if (facts.waited !== null) {
    return make(
      'server-silent',
      `“${name}” was started, but did not answer within ${seconds(facts.waited)}.${kind === null ? '' : said}`,
      kind === null || kind === 'error'
        ? 'Check that the command starts an MCP server, and read its log. If it is only slow, change the server and give it more time to start.'
        : hintFor(kind),
    )
  }
  const version = unknownVersion(cause)
  if (version !== null) return make('server-protocol-unknown', version.message(name), version.hint, null)
  return make(
    'server-not-mcp',
    `“${name}” answered in a way that is not MCP.`,
    'Look for a newer version of this server, and read its log.',
    null,
  )
}

/** That a server speaks a version of MCP which we do not, over whatever transport; null: it is something else. */
export function unknownVersion(cause: unknown): { message(name: string): string; hint: string } | null {
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
  return {
    message: (name) =>
      `“${name}” speaks a version of MCP that Drawbridge does not know${versions === '' ? '' : ` (${plainLine(versions).slice(0, 80)})`}.`,
    hint: 'Look for a newer version of Drawbridge, or of this server.',
  }
}

/** A stdio server that had worked and ended by itself. */
export function endedWhileRunning({ name, exit, said }: StartFacts): HostError {
  const how = exit?.signal ? ` (${exit.signal})` : exit?.code ? ` (exit code ${exit.code})` : ''
  const error = new HostError({
    code: 'server-died',
    message: `“${name}” stopped unexpectedly${how}.${quoted(said)}`,
    hint: 'It is started again by itself. If it keeps stopping, read its log.',
  })
  abouts.set(error, said.kind)
  return error
}

const quoted = ({ line }: LastWords) =>
  line === '' ? '' : ` Its last words: “${plainLine(line).slice(0, 300)}”`

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
