import { accessSync, constants, statSync } from 'node:fs'
import { basename, extname, isAbsolute, join } from 'node:path'
import { HostError } from '../kernel/errors.ts'

/** What to install for the commands that servers are usually started with. */
const installers: Record<string, string> = {
  npx: 'Install Node.js from nodejs.org, then try again.',
  npm: 'Install Node.js from nodejs.org, then try again.',
  node: 'Install Node.js from nodejs.org, then try again.',
  uvx: 'Install uv (docs.astral.sh/uv), then try again.',
  uv: 'Install uv (docs.astral.sh/uv), then try again.',
  python: 'Install Python from python.org, then try again. On some computers the command is python3.',
  python3: 'Install Python from python.org, then try again.',
  docker: 'Install Docker Desktop (docker.com) and start it, then try again.',
  bunx: 'Install Bun from bun.sh, then try again.',
  bun: 'Install Bun from bun.sh, then try again.',
  deno: 'Install Deno from deno.com, then try again.',
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
    throw notFound(command, exists(typed) ? 'is not a program that can be started' : 'does not exist')
  }
  if (/[/\\]/.test(typed)) throw notFound(command, 'is not a full path')
  for (const directory of directories) {
    const found = asExecutable(join(directory, typed))
    if (found) return found
  }
  throw notFound(command, 'was not found on this computer', directories)
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

const fullPaths =
  process.platform === 'win32'
    ? 'it begins with a drive letter'
    : 'it begins with /; drive letters are those of Windows'

function notFound(command: string, what: string, searched: readonly string[] = []): HostError {
  const shown = command.length > 80 ? `${command.slice(0, 80)}…` : command
  const installer = installers[basename(command).toLowerCase()]
  const [first, ...rest] = command.trim().split(/\s+/)
  const hint =
    installer ??
    (rest.length > 0 && !command.startsWith('/')
      ? `Put only the program in the command (“${first}”) and everything after it in the arguments.`
      : `Check the spelling, or give the full path of the program (${fullPaths}).`)
  return new HostError({
    code: 'command-not-found',
    message: `The command “${shown}” ${what}.`,
    hint,
    detail: searched.length > 0 ? `looked in ${searched.join(', ')}` : undefined,
  })
}
