import { closeSync, existsSync, ftruncateSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HostError } from '../../kernel/errors.ts'
import { newToken } from '../../kernel/ids.ts'

const variable = 'DRAWBRIDGE_PASSPHRASE'
const fileVariable = 'DRAWBRIDGE_PASSPHRASE_FILE'
/** Where what else was left behind is to be read, as JSON. */
const leftVariable = 'DRAWBRIDGE_LEFT_BEHIND'
/** What others on this computer must not read: the passphrase, and what a tunnel is told (not where that is to be read). */
const secretNames = /^DRAWBRIDGE_(?:PASSPHRASE|TUNNEL_(?!HOST$)(?!.*_FILE$).+)$/
/** A descriptor that was handed to us: what can be read there is for us alone, once. */
const descriptor = /^\/dev\/fd\/(\d{1,4})$/

/**
 * The passphrase of the vault: `DRAWBRIDGE_PASSPHRASE`, or what the file that `DRAWBRIDGE_PASSPHRASE_FILE` names holds, without a last line break. Takes both out of
 * `env`, so that nothing that is started later inherits them; a descriptor is emptied and closed. Undefined when none was given. Throws HostError
 * `vault-setting` when the file cannot be read.
 */
export function takePassphrase(env: NodeJS.ProcessEnv): string | undefined {
  const given = env[variable] || undefined
  const file = env[fileVariable] || undefined
  delete env[variable]
  delete env[fileVariable]
  if (given !== undefined || file === undefined) return given
  const number = descriptor.exec(file)?.[1]
  try {
    return (
      readFileSync(number === undefined ? file : Number(number), 'utf8').replace(/\r?\n$/, '') || undefined
    )
  } catch (cause) {
    throw new HostError({
      code: 'vault-setting',
      says: 'passphrase-unreadable',
      params: { fileVariable },
      cause,
    })
  } finally {
    if (number !== undefined) empty(Number(number))
  }
}

/** Who started us may have the same file open still. */
function empty(number: number): void {
  try {
    ftruncateSync(number)
  } catch {
    // A pipe: it was read, and is empty.
  }
  try {
    closeSync(number)
    // Standard input must not become whatever is opened next.
    if (number === 0) openSync('/dev/null', 'r')
  } catch {}
}

/**
 * What a process was started with stays readable for all of its user's programs (`/proc/PID/environ`), whatever it does to its environment
 * afterwards. So it becomes the same program anew, under the same process id, without secrets in its environment: they are at its standard input, in a
 * file without a name. Does nothing when there is none, and where a process cannot do this (Windows, Electron). Comes back only then.
 */
export function leavePassphraseBehind(): void {
  const { env } = process
  const left = Object.keys(env).filter((name) => secretNames.test(name) && env[name])
  if (left.length === 0 || process.platform === 'win32' || process.versions.electron) return
  if (typeof process.execve !== 'function' || !existsSync('/dev/fd')) return
  const path = join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), `.${newToken()}`)
  // The lowest free number is taken, and the first three are what a new program keeps.
  closeSync(0)
  const opened = openSync(path, 'wx+', 0o600)
  unlinkSync(path)
  if (opened !== 0) return
  const isOne = left.length === 1 && left[0] === variable
  const secrets = Object.fromEntries(left.map((name) => [name, env[name]]))
  writeSync(opened, isOne ? `${env[variable]}\n` : JSON.stringify(secrets), 0)
  const rest = Object.fromEntries(Object.entries(env).filter(([name]) => !left.includes(name)))
  const args = [process.execPath, ...process.execArgv, ...process.argv.slice(1)]
  const where = { [isOne ? fileVariable : leftVariable]: '/dev/fd/0' }
  process.execve(process.execPath, args, { ...(rest as Record<string, string>), ...where })
}

/** What was left behind is in `env` again, which others cannot read: whoever uses it takes it out. */
export function takeLeftBehind(env: NodeJS.ProcessEnv): void {
  const number = descriptor.exec(env[leftVariable] ?? '')?.[1]
  delete env[leftVariable]
  if (number === undefined) return
  try {
    Object.assign(env, JSON.parse(readFileSync(Number(number), 'utf8')))
  } finally {
    empty(Number(number))
  }
}
