import { statSync } from 'node:fs'
import { homedir } from 'node:os'
import { isAbsolute } from 'node:path'
import { isHeaderName, isOwnHeader, isVariableName } from '../../contract/agreed/value-names.ts'
import type { Parsed } from '../../contract/api.ts'
import { type ErrorText, HostError } from '../../kernel/errors.ts'
import { resolveCommand } from '../../system/resolve-command.ts'
import type { Confinement } from '../stdio/confinement.ts'

export interface Checked {
  /** Absolute. */
  command: string | null
  args: string[]
  cwd: string | null
  url: string | null
  env: Record<string, string>
  headers: Record<string, string>
}

/**
 * What the user typed, checked before anything is stored or started. An empty variable is one: it switches off what would be handed on.
 * An empty header counts as not given.
 */
export async function checkAdd(
  input: Parsed<'servers.add'>,
  directories: () => Promise<readonly string[]>,
  env: NodeJS.ProcessEnv,
  confinement: Confinement | null = null,
): Promise<Checked> {
  if (input.kind !== 'stdio') {
    return {
      command: null,
      args: [],
      cwd: null,
      url: checkUrl(input.url),
      env: {},
      headers: checkHeaders(input.headers),
    }
  }
  checkVariables(input.env)
  if (![input.command, input.cwd ?? '', ...input.args].every(canBePassedOn))
    throw invalid({ says: 'server-invalid-command' })
  const cwd = checkFolder(input.cwd)
  if (input.confined) await confinement?.check(cwd)
  const home = env.HOME ?? homedir()
  const command = resolveCommand(input.command, await directories(), { home, cwd })
  return { command, args: input.args, cwd, url: null, env: input.env, headers: {} }
}

/** What a program gets is what was shown: NUL would end it, and half a letter (a lone surrogate) would become another one. */
const canBePassedOn = (text: string) => !text.includes('\0') && text.isWellFormed()

/** Throws for names that a program would not see as they are: Windows takes `Path` and `PATH` for one, and gives one of them. */
export function checkVariables(
  own: Readonly<Record<string, string>>,
  platform: NodeJS.Platform = process.platform,
): void {
  const seen = new Set<string>()
  for (const [name, value] of Object.entries(own)) {
    if (!isVariableName(name))
      throw invalid({ says: 'server-invalid-variable-name', params: { name: name.slice(0, 80) } })
    if (!canBePassedOn(value)) throw invalid({ says: 'server-invalid-variable-value', params: { name } })
    const plain = platform === 'win32' ? name.toUpperCase() : name
    if (seen.has(plain)) throw invalid({ says: 'server-invalid-variable-twice', params: { name } })
    seen.add(plain)
  }
}

function checkFolder(folder: string | undefined): string | null {
  if (folder === undefined || folder === '') return null
  if (isAbsolute(folder) && statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return folder
  throw invalid({ says: 'server-invalid-folder', params: { folder: folder.slice(0, 200) } })
}

function checkUrl(text: string): string {
  const url = new URL(text)
  if (url.username !== '' || url.password !== '') throw invalid({ says: 'server-invalid-password' })
  url.hash = ''
  return url.href
}

function checkHeaders(values: Record<string, string>): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [typed, value] of Object.entries(values)) {
    if (value === '') continue
    const name = typed.trim()
    // Two of one name would be sent as one value (RFC 9110 §5.3), which nobody was shown.
    if (Object.keys(headers).some((other) => other.toLowerCase() === name.toLowerCase()))
      throw invalid({ says: 'server-invalid-header-twice', params: { name: name.slice(0, 80) } })
    if (isOwnHeader(name)) throw invalid({ says: 'server-invalid-header-own', params: { name } })
    try {
      new Headers([[name, value]])
    } catch {
      // The value is a secret: it stays out of the message.
      throw invalid({ says: 'server-invalid-header', params: { name: name.slice(0, 80) } })
    }
    if (!isHeaderName(name)) throw invalid({ says: 'server-invalid-header-name', params: { name } })
    headers[name] = value.trim()
  }
  return headers
}

type Invalid = Exclude<Extract<ErrorText, `server-invalid-${string}`>, 'server-invalid-kind'>

const invalid = ({ says, params }: { says: Invalid; params?: { name?: string; folder?: string } }) =>
  new HostError({ code: 'server-invalid', says, params: { name: '', folder: '', ...params } })
