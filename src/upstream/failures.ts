import { SdkError, SdkErrorCode, SdkHttpError } from '@modelcontextprotocol/client'
import { errorText, HostError, isHostError } from '../kernel/errors.ts'
import { plainLine } from './log-lines.ts'
import type { ChildExit } from './process-group.ts'

const seconds = (milliseconds: number) =>
  milliseconds < 1_500 ? 'one second' : `${Math.round(milliseconds / 1_000)} seconds`

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

/** What a server said itself in a refusal by HTTP, on one line; empty when it was a page or nothing. */
export function httpWords(error: unknown): string {
  for (let at = error; at instanceof Error; at = at.cause)
    if (at instanceof SdkHttpError) return plainLine(wordsIn(String(at.data.text ?? ''))).slice(0, 300)
  return ''
}

function wordsIn(text: string): string {
  try {
    const said = JSON.parse(text)
    const found = said?.error?.message ?? said?.message ?? said?.detail ?? said?.error
    return typeof found === 'string' ? found : ''
  } catch {
    return (/<title>([^<]*)/i.exec(text)?.[1] ?? (text.includes('<') ? '' : text)).trim()
  }
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
