import { existsSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, delimiter, dirname, isAbsolute, join } from 'node:path'
import { startGroup } from './process-group.ts'

const shellTimeout = 3_000
const mark = '__drawbridge_path__'

/**
 * Where programs are looked for. An app started from the desktop does not see the shell's PATH, so it is put together
 * from the login shell's, our own, the usual places, and last the folder of the Node that runs us.
 * Relative entries are left out: they would let the current folder decide what runs.
 */
export async function searchPath(env: NodeJS.ProcessEnv): Promise<string[]> {
  const home = env.HOME ?? env.USERPROFILE ?? homedir()
  const fromShell = process.platform === 'win32' ? '' : await askLoginShell(env, home)
  const node = basename(process.execPath).replace(/\.exe$/i, '') === 'node' ? [dirname(process.execPath)] : []
  const all = [
    ...fromShell.split(delimiter),
    ...(env.PATH ?? env.Path ?? '').split(delimiter),
    ...usualPlaces(home, env).filter((place) => existsSync(place)),
    ...node,
  ]
  return [...new Set(all.filter((entry) => isAbsolute(entry)))]
}

/** The search path, put together when it is first needed and after each `forget`. */
export class SearchPath {
  readonly #env: NodeJS.ProcessEnv
  #found: Promise<string[]> | null = null

  constructor(env: NodeJS.ProcessEnv) {
    this.#env = env
  }

  folders(): Promise<string[]> {
    this.#found ??= searchPath(this.#env)
    return this.#found
  }

  forget(): void {
    this.#found = null
  }
}

function usualPlaces(home: string, env: NodeJS.ProcessEnv): string[] {
  if (process.platform === 'win32') {
    const roaming = env.APPDATA ?? join(home, 'AppData', 'Roaming')
    return [join(roaming, 'npm'), join(home, '.local', 'bin'), 'C:\\Program Files\\nodejs']
  }
  return [
    join(home, '.local/bin'),
    join(home, 'bin'),
    '/opt/homebrew/bin',
    '/usr/local/bin',
    '/opt/local/bin',
    '/snap/bin',
    join(home, '.volta/bin'),
    join(home, '.local/share/fnm/aliases/default/bin'),
    join(home, 'Library/Application Support/fnm/aliases/default/bin'),
    join(home, '.local/share/mise/shims'),
    join(home, '.asdf/shims'),
    ...nvmVersions(env.NVM_DIR ?? join(home, '.nvm')),
    join(home, '.bun/bin'),
    join(home, '.deno/bin'),
    join(home, '.cargo/bin'),
    join(home, '.npm-global/bin'),
    '/usr/bin',
    '/bin',
  ]
}

/** The folders of the Node versions that nvm installed, newest first. */
function nvmVersions(nvm: string): string[] {
  try {
    return readdirSync(join(nvm, 'versions/node'))
      .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
      .map((version) => join(nvm, 'versions/node', version, 'bin'))
  } catch {
    return []
  }
}

/** The PATH a terminal would have, or an empty text. Start-up files may print, wait or fail: none of it matters. */
function askLoginShell(env: NodeJS.ProcessEnv, home: string): Promise<string> {
  const shell = env.SHELL
  if (!shell || !isAbsolute(shell) || !existsSync(shell)) return Promise.resolve('')
  return new Promise((resolve) => {
    // A group of its own, so that everything its start-up files began can be ended with it, and asked to first: one that was only killed
    // would leave its locks, for which the next shell waits.
    const group = startGroup(shell, ['-ilc', `printf '${mark}%s${mark}' "$PATH"`], {
      cwd: process.cwd(),
      patience: { afterEnd: 0, afterTerm: 500 },
      env: {
        HOME: home,
        USER: env.USER,
        LOGNAME: env.LOGNAME,
        LANG: env.LANG,
        SHELL: shell,
        PATH: env.PATH,
        TERM: 'dumb',
      },
    })
    const { child } = group
    let output = ''
    const finish = () => {
      clearTimeout(timer)
      resolve(output.split(mark)[1] ?? '')
      void group.stop()
    }
    const timer = setTimeout(finish, shellTimeout)
    child.stdin?.end()
    child.stderr?.resume()
    child.stdout?.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString('utf8')).slice(-100_000)
    })
    child.once('error', finish)
    child.once('close', finish)
  })
}
