import { accessSync, constants, statSync } from 'node:fs'
import { basename, extname, isAbsolute, join } from 'node:path'
import { saidLater } from '../../locales/say.ts'
import { HostError } from '../kernel/errors.ts'

/** What to install for the commands that servers are usually started with. */
const installers: Record<string, 'node' | 'uv' | 'python' | 'python3' | 'docker' | 'bun' | 'deno'> = {
  npx: 'node',
  npm: 'node',
  node: 'node',
  uvx: 'uv',
  uv: 'uv',
  python: 'python',
  python3: 'python3',
  docker: 'docker',
  bunx: 'bun',
  bun: 'bun',
  deno: 'deno',
}

/**
 * The absolute path of the program that `command` names: what is shown is what is started. `~/` is the home folder;
 * other relative paths start at `cwd`, and are refused without one: what they mean would depend on where Drawbridge was
 * started. Throws `command-not-found`.
 */
export function resolveCommand(
  command: string,
  directories: readonly string[],
  { home, cwd }: { home: string; cwd: string | null },
): string {
  const isPath = /[/\\]/.test(command) && !isAbsolute(command)
  const typed = command.startsWith('~/')
    ? join(home, command.slice(2))
    : isPath && cwd !== null
      ? join(cwd, command)
      : command
  if (isAbsolute(typed)) {
    const found = asExecutable(typed)
    if (found) return found
    throw notFound(command, exists(typed) ? 'no-program' : 'nowhere')
  }
  if (/[/\\]/.test(typed)) throw notFound(command, 'no-full-path')
  for (const directory of directories) {
    const found = asExecutable(join(directory, typed))
    if (found) return found
  }
  throw notFound(command, 'not-found-here', directories)
}

function asExecutable(path: string): string | null {
  const endings =
    process.platform === 'win32' && extname(path) === ''
      ? (process.env.PATHEXT ?? '.COM;.EXE;.BAT;.CMD').split(';')
      : ['']
  for (const ending of endings) {
    try {
      if (!statSync(path + ending).isFile()) continue
      accessSync(path + ending, constants.X_OK)
      return path + ending
    } catch {
      // Not this one.
    }
  }
  return null
}

function exists(path: string): boolean {
  try {
    return statSync(path) !== undefined
  } catch {
    return false
  }
}

type Why = 'no-program' | 'nowhere' | 'no-full-path' | 'not-found-here'

function notFound(command: string, why: Why, searched: readonly string[] = []): HostError {
  const installer = installers[basename(command).toLowerCase()]
  const [first = '', ...rest] = command.trim().split(/\s+/)
  const hint = installer
    ? saidLater(`command.install.${installer}`)
    : rest.length > 0 && !command.startsWith('/')
      ? saidLater('command.onlyTheProgram', { first })
      : saidLater('command.fullPath', { isWindows: process.platform === 'win32' })
  return new HostError({
    code: 'command-not-found',
    says: `command-${why}`,
    params: { command: command.length > 80 ? `${command.slice(0, 80)}…` : command, hint },
    detail: searched.length > 0 ? `looked in ${searched.join(', ')}` : undefined,
  })
}
