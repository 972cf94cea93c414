import { SdkError, SdkErrorCode, SdkHttpError } from '@modelcontextprotocol/client'
import { errorText, HostError, isHostError } from '../kernel/errors.ts'
import { hintFor, isLasting, isOutside, type LastWords, type WordsKind } from './last-words.ts'
import { plainLine } from './log-lines.ts'
import type { ChildExit } from './process-group.ts'

const seconds = (milliseconds: number) =>
  milliseconds < 1_500 ? 'one second' : `${Math.round(milliseconds / 1_000)} seconds`

const minutes = (milliseconds: number) =>
  milliseconds < 90_000 ? seconds(milliseconds) : `${Math.round(milliseconds / 60_000)} minutes`

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
      `The program of “${name}” was not downloaded within ${minutes(facts.waited)}.${said}`,
      'Check that this computer is online and the connection is fast enough. What was downloaded so far is often kept; it is tried again by itself.',
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
  return make(
    'server-not-mcp',
    `“${name}” answered in a way that is not MCP.`,
    'Look for a newer version of this server, and read its log.',
    null,
  )
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
export const isUnreachable = (error: unknown): boolean =>
  isHostError(error) && error.code === 'server-unreachable'

/** Why a server at an address did not answer as hoped, in words for people. */
export function httpFailure(name: string, url: string, cause: unknown, waited: number | null): HostError {
  if (isHostError(cause)) return cause
  const nested = innermost(cause)
  if (isHostError(nested)) return nested
  const detail = errorText(cause)
  const { host } = new URL(url)
  const status = httpStatus(cause)
  const make = (code: string, message: string, hint: string) =>
    new HostError({ code, message, hint, detail, cause })
  if (status === 401 || status === 403) {
    return make(
      'server-refused',
      `“${name}” refused us: it wants to know who is asking (HTTP ${status}).`,
      'Change the server and give the key or header it needs, for example “Authorization: Bearer …”.',
    )
  }
  if (/Redirect .*not followed/.test(detail)) {
    return make(
      'server-moved',
      `“${name}” sends us on to another address. For your safety that is not followed.`,
      'If you trust the new address, change this server and give that.',
    )
  }
  if (status !== null && status >= 500) {
    return make(
      'server-unreachable',
      `“${name}” has a problem of its own at the moment (HTTP ${status}).`,
      'Try again in a few minutes. If it lasts, ask whoever runs it.',
    )
  }
  if (status !== null || isUnexpectedContent(cause)) {
    return make(
      'server-not-mcp',
      `At ${host} nothing answered that speaks MCP${status === null ? '' : ` (HTTP ${status})`}.`,
      'Check the address: it often ends with /mcp.',
    )
  }
  if (waited !== null) {
    return make(
      'server-unreachable',
      `${host} did not answer within ${seconds(waited)}.`,
      'Check that the server runs and that this computer is online, then restart it here.',
    )
  }
  return make(
    'server-unreachable',
    `${host} cannot be reached.`,
    'Check the address, that the server runs and that this computer is online.',
  )
}

export function httpStatus(error: unknown): number | null {
  for (let at = error; at instanceof Error; at = at.cause)
    if (at instanceof SdkHttpError) return at.status ?? null
  return null
}

const isUnexpectedContent = (error: unknown): boolean => {
  const inner = innermost(error)
  return (
    (inner instanceof SdkError &&
      [SdkErrorCode.ClientHttpUnexpectedContent, SdkErrorCode.InvalidResult].includes(inner.code)) ||
    (inner instanceof Error && ['SyntaxError', 'ZodError', '$ZodError'].includes(inner.name))
  )
}

function innermost(error: unknown): unknown {
  let at = error
  while (at instanceof Error && at.cause instanceof Error) at = at.cause
  return at
}
