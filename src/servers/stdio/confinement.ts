import { execFile } from 'node:child_process'
import { existsSync, readlinkSync, realpathSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { promisify } from 'node:util'
import { HostError } from '../../kernel/errors.ts'
import { makeFolder } from '../../storage/make-folder.ts'
import { certificateFiles } from '../../system/child-env.ts'
import { bubblewrapRules, seatbeltArgs } from './sandbox-rules.ts'

/** What is started, where, and with what. */
export interface Run {
  command: string
  args: readonly string[]
  cwd: string
  env: Record<string, string>
  /** Text for descriptor 3. */
  aside?: string
}

/** Servers that see and change their own folder only, by what the operating system offers without an administrator. */
export interface Confinement {
  /** Throws HostError `sandbox-missing` or `folder-too-wide`. */
  check(cwd: string | null): Promise<void>
  /** The same run inside the sandbox. `own`: the server's own variables, which win over those for the sandbox. Throws as `check`, and `link-leads-out`. */
  wrap(id: string, cwd: string | null, run: Run, own: Readonly<Record<string, string>>): Promise<Run>
}

const run = promisify(execFile)
/** Not by PATH, where the user's other programs can put theirs. */
const sandboxes: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  linux: ['/usr/bin/bwrap', '/bin/bwrap', '/usr/local/bin/bwrap', '/run/current-system/sw/bin/bwrap'],
  darwin: ['/usr/bin/sandbox-exec'],
}
/** What every sandbox may read; nothing of the user's is there. */
const systemFolders = [
  ...['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32', '/etc', '/opt', '/nix/store'],
  // where the name servers are, on systems that put them behind a link
  ...['/run/systemd/resolve', '/run/resolvconf', '/run/NetworkManager', '/run/current-system'],
]
/** Folders of everybody's: a program that lies in one is readable, not its neighbours. */
const common = ['/', '/tmp', '/var', '/var/tmp', '/home', '/Users', '/mnt', '/media', '/run', '/private/tmp']
/** What is no file of anybody's but the machine, its processes and the sockets of services; `/run/media` has disks. */
const machine = ['/proc', '/sys', '/dev', '/run']
const isMachine = (path: string) =>
  !contains('/run/media', path) && machine.some((folder) => contains(folder, path))
/** Where a folder that was made for a server appears on Linux. */
const inside = '/own'

/** `dataDir`: ours, of which nothing is ever seen inside. */
export function createConfinement(
  dataDir: string,
  { home = homedir(), platform = process.platform }: { home?: string; platform?: NodeJS.Platform } = {},
): Confinement {
  const ours = real(dataDir)
  const users = real(home)
  // Beside the data folder, not in it: nothing that is readable in there may lie there.
  const folders = `${ours}-servers`
  const isTooWide = (path: string) =>
    common.includes(path) ||
    isMachine(path) ||
    [users, ours, folders].some((one) => contains(path, one)) ||
    contains(ours, path)
  const ownFolder = (cwd: string) => {
    const folder = real(cwd)
    if (isTooWide(folder) || systemFolders.includes(folder)) throw tooWide(cwd)
    return folder
  }
  let worked: string | null = null
  const sandbox = async (): Promise<string> => {
    worked ??= await findSandbox(platform)
    return worked
  }

  return {
    async check(cwd) {
      await sandbox()
      if (cwd !== null) ownFolder(cwd)
    },
    async wrap(id, cwd, { command, args, env }, own) {
      const program = await sandbox()
      const folder = cwd === null ? join(folders, id) : ownFolder(cwd)
      if (cwd === null) makeFolder(folder)
      const appears = cwd ?? (platform === 'linux' ? inside : folder)
      // Where it may lay links itself, none decides what else it sees.
      if (leadsOut(command, folder)) throw linkLeadsOut(command)
      const readable = programFolders(
        command,
        args.filter((arg) => !leadsOut(pathIn(arg) ?? '/', folder)),
        users,
        isTooWide,
      )
      // Alone, whatever lies beside them.
      for (const file of new Set(certificateFiles(env)))
        if (isReadableAlone(file, isTooWide) && !leadsOut(file, folder))
          readable.push({ from: real(file), to: file })
      const rules = {
        command,
        args,
        folder,
        appears,
        readable,
        hidden: [users, ours],
        system: systemFolders.filter((path) => existsSync(path)),
      }
      const { XDG_CACHE_HOME: _1, XDG_CONFIG_HOME: _2, XDG_DATA_HOME: _3, ...inner } = env
      // The screen shows, and types into, all that the user has open.
      const { DISPLAY: _4, WAYLAND_DISPLAY: _5, XAUTHORITY: _6, ...rest } = inner
      const wrapped = { ...rest, HOME: appears, TMPDIR: platform === 'linux' ? '/tmp' : folder, ...own }
      if (platform !== 'linux')
        return { command: program, args: seatbeltArgs(rules), cwd: folder, env: wrapped }
      // A command line is there for everybody to read, also for the program inside. Its variables are for inside only: some
      // (`LD_LIBRARY_PATH`) would have bubblewrap run what lies in the server's folder.
      const variables = Object.entries(wrapped).flatMap(([name, value]) => ['--setenv', name, value])
      const aside = [...bubblewrapRules(rules), ...variables].map((text) => `${text}\0`).join('')
      return { command: program, args: ['--args', '3', '--', command, ...args], cwd: '/', env: {}, aside }
    },
  }
}

/** The sandbox of this computer, once it was seen to work. Throws HostError `sandbox-missing`. */
async function findSandbox(platform: NodeJS.Platform): Promise<string> {
  const program = sandboxes[platform]?.find((path) => existsSync(path))
  if (program === undefined) throw missing(platform)
  const rules = {
    command: '/usr/bin/true',
    args: [],
    folder: '/usr',
    appears: '/usr',
    readable: [],
    hidden: [],
    system: systemFolders.filter((path) => existsSync(path)),
  }
  const inTrial =
    platform === 'linux' ? [...bubblewrapRules(rules, true), '--', rules.command] : seatbeltArgs(rules)
  try {
    // Some systems have the program and forbid what it needs.
    await run(program, inTrial, {
      timeout: 10_000,
      env: {},
    })
  } catch (error) {
    throw missing(platform, String((error as { stderr?: string }).stderr || error))
  }
  return program
}

/**
 * What of the user's files a program needs to be started, to be read only: where the command lies, as typed and as it really is, with the
 * libraries beside it; of each argument that is a full path (or `--name=/full/path`) the folder, or the file with the package it
 * belongs to. A file that lies in the home folder itself, in a folder right below it, or in one of everybody's comes alone.
 */
export function programFolders(
  command: string,
  args: readonly string[],
  home: string,
  isTooWide: (path: string) => boolean,
): { from: string; to: string }[] {
  const found = new Map<string, string>()
  const add = (path: string) => {
    if (!existsSync(path) || isTooWide(real(path))) return false
    if (!systemFolders.some((folder) => contains(folder, path))) found.set(path, real(path))
    return true
  }
  const addFile = (file: string) => {
    const folder = packageOf(file, isTooWide) ?? dirname(file)
    const narrow = dirname(folder) !== home && folder !== home
    if (!(narrow && add(folder))) add(file)
  }
  for (const path of new Set([command, real(command)])) {
    addFile(path)
    const prefix = dirname(dirname(path))
    if (basename(dirname(path)) !== 'bin') continue
    add(join(prefix, 'lib'))
    add(join(prefix, 'pyvenv.cfg'))
  }
  for (const arg of args) {
    const path = pathIn(arg)
    if (path === null || !existsSync(path)) continue
    const kind = statSync(path)
    // Through a socket others would do what it may not.
    if (!kind.isFile() && !kind.isDirectory()) continue
    for (const one of new Set([resolve(path), real(path)]))
      if (kind.isDirectory()) add(one)
      else addFile(one)
  }
  return [...found]
    .map(([to, from]) => ({ from, to }))
    .sort((a, b) => a.to.length - b.to.length || a.to.localeCompare(b.to))
}

const isReadableAlone = (file: string, isTooWide: (path: string) => boolean): boolean =>
  statSync(file, { throwIfNoEntry: false })?.isFile() === true &&
  !isTooWide(real(file)) &&
  !systemFolders.some((folder) => contains(folder, file))

/** The full path that an argument is or names. */
const pathIn = (arg: string): string | null =>
  isAbsolute(arg) ? arg : (/^--?[\w-]+=(\/.*)$/s.exec(arg)?.[1] ?? null)

/** Whether `path`, followed link by link, passes through `folder` (without links) and ends elsewhere. */
function leadsOut(path: string, folder: string): boolean {
  const rest = path.split('/')
  let [at, isThrough, links] = ['/', false, 0]
  for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
    if (name === '' || name === '.') continue
    const next = join(at, name)
    isThrough ||= contains(folder, next)
    const link = linkAt(next)
    if (link !== null) rest.unshift(...link.split('/'))
    at = link === null ? next : isAbsolute(link) ? '/' : at
    links += link === null ? 0 : 1
    // As many as Linux follows.
    if (links > 40) return true
  }
  return isThrough && !contains(folder, at)
}

function linkAt(path: string): string | null {
  try {
    return readlinkSync(path)
  } catch {
    return null
  }
}

/** The outermost `node_modules` around a file, else the nearest folder that calls itself a package; null when there is none. */
function packageOf(file: string, isTooWide: (path: string) => boolean): string | null {
  const modules = /^(.*?[\\/]node_modules)[\\/]/.exec(file)?.[1]
  if (modules !== undefined && !isTooWide(modules)) return modules
  for (let folder = dirname(file); !isTooWide(folder); folder = dirname(folder))
    if (['package.json', 'pyproject.toml'].some((name) => existsSync(join(folder, name)))) return folder
  return null
}

/** Whether `path` is `folder` or lies below it. */
export function contains(folder: string, path: string): boolean {
  const way = relative(folder, path)
  return way === '' || (way !== '..' && !way.startsWith('../') && !way.startsWith('..\\') && !isAbsolute(way))
}

/** As far as it is there, without links. */
function real(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return dirname(path) === path ? path : join(real(dirname(path)), basename(path))
  }
}

const missing = (platform: NodeJS.Platform, detail?: string) =>
  new HostError({
    code: 'sandbox-missing',
    says: `sandbox-${detail === undefined ? 'none' : 'forbidden'}${platform === 'linux' ? '-linux' : ''}`,
    detail,
  })

const tooWide = (folder: string) =>
  new HostError({
    code: 'folder-too-wide',
    params: { folder: folder.slice(0, 200) },
  })

const linkLeadsOut = (command: string) =>
  new HostError({
    code: 'link-leads-out',
    params: { command: command.slice(0, 200) },
  })
