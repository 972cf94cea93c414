import { closeSync, constants, existsSync, lstatSync, openSync, renameSync, writeFileSync } from 'node:fs'
import { say } from '../../../locales/say.ts'
import { cutMargin, type Redactor } from './redact.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** One line of JSON per entry. Every value passes the redactor before it is written. */
export interface Log {
  debug(event: string, fields?: Record<string, unknown>): void
  info(event: string, fields?: Record<string, unknown>): void
  warn(event: string, fields?: Record<string, unknown>): void
  error(event: string, fields?: Record<string, unknown>): void
}

/** Of one text, in characters. Redacted first: whoever writes to the log does not cut. */
const longestLogged = 4_000

/** As much of a text as the log may need, for who would hold all of it otherwise. */
export const forLog = (text: string): string => text.slice(0, longestLogged + cutMargin)

/** Bytes after which the log starts anew, keeping one older file. */
const rotateAt = 5_000_000

/** Nowhere else: a link in its place is not followed (0 where the system has no such flag). */
const appending = constants.O_APPEND | constants.O_CREAT | constants.O_WRONLY | (constants.O_NOFOLLOW ?? 0)

const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error']

/** Writes to `file`, from the level `least` on, never through a link; a file that cannot be written must not stop the host, so failures fall back to stderr once. */
export function createFileLog(
  file: string,
  redactor: Redactor,
  now: () => number = Date.now,
  least: LogLevel = 'debug',
): Log {
  let broken = false
  let size = lstatSync(file, { throwIfNoEntry: false })?.size ?? 0
  const write = (level: LogLevel, event: string, fields: Record<string, unknown> = {}) => {
    if (levels.indexOf(level) < levels.indexOf(least)) return
    const line = `${JSON.stringify({ at: new Date(now()).toISOString(), level, event, ...(redactor.value(fields, longestLogged) as object) })}\n`
    try {
      if (size > rotateAt) {
        size = 0
        if (existsSync(file)) renameSync(file, `${file}.1`)
      }
      const opened = openSync(file, appending, 0o600)
      try {
        writeFileSync(opened, line)
      } finally {
        closeSync(opened)
      }
      size += Buffer.byteLength(line)
      broken = false
    } catch (error) {
      if (!broken) process.stderr.write(`${say('host.logUnwritable', { why: (error as Error).message })}\n`)
      broken = true
    }
  }
  return {
    debug: (event, fields) => write('debug', event, fields),
    info: (event, fields) => write('info', event, fields),
    warn: (event, fields) => write('warn', event, fields),
    error: (event, fields) => write('error', event, fields),
  }
}

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} }
