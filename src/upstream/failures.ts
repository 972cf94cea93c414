import { SdkHttpError } from '@modelcontextprotocol/client'
import { errorText, HostError, isHostError } from '../kernel/errors.ts'
import { seconds } from './duration.ts'
import { plainLine } from './log-lines.ts'
import type { ChildExit } from './process-group.ts'

/** What is known about a stdio server that did not come up. */
export interface StartFacts {
  name: string
  command: string
  exit: ChildExit | null
  /** The most telling line it wrote to standard error, redacted. */
  reason: string
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
  const said =
    facts.reason === '' ? 'It gave no reason.' : `Its last words: “${plainLine(facts.reason).slice(0, 300)}”`
  if (facts.exit) {
    const how = facts.exit.signal ? `ended by ${facts.exit.signal}` : `exit code ${facts.exit.code}`
    return new HostError({
      code: 'server-died-at-start',
      message: `“${name}” stopped right after it was started (${how}). ${said}`,
      hint: 'Often a setting such as an API key is missing or an argument is wrong. Read its log, mend the cause, then restart it.',
      detail,
      cause,
    })
  }
  if (facts.messages === 0 && facts.rubbish > 0) {
    return new HostError({
      code: 'server-not-mcp',
      message: `“${name}” runs, but does not speak MCP: it printed ${facts.rubbish === 1 ? 'a line' : `${facts.rubbish} lines`} of other text and no answer.`,
      hint: 'Check that the command starts an MCP server over standard input and output (“stdio”). Its log shows what it printed.',
      detail,
      cause,
    })
  }
  if (facts.waited !== null) {
    return new HostError({
      code: 'server-silent',
      message: `“${name}” was started, but did not answer within ${seconds(facts.waited)}.`,
      hint: 'If it had to download something first, restart it now. Otherwise check that the command starts an MCP server, and read its log.',
      detail,
      cause,
    })
  }
  return new HostError({
    code: 'server-not-mcp',
    message: `“${name}” answered in a way that is not MCP.`,
    hint: 'Look for a newer version of this server, and read its log.',
    detail,
    cause,
  })
}

/** A stdio server that had worked and ended by itself. */
export function endedWhileRunning({ name, exit, reason }: StartFacts): HostError {
  const how = exit?.signal ? ` (${exit.signal})` : exit?.code ? ` (exit code ${exit.code})` : ''
  const said = reason === '' ? '' : ` Its last words: “${plainLine(reason).slice(0, 300)}”`
  return new HostError({
    code: 'server-died',
    message: `“${name}” stopped unexpectedly${how}.${said}`,
    hint: 'It is started again by itself. If it keeps stopping, read its log.',
  })
}

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
