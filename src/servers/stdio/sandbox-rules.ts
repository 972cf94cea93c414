/** What one run may reach. All paths are absolute and, but for `to`, without links. */
export interface SandboxRules {
  command: string
  args: readonly string[]
  /** May be changed; `appears` is its path inside. */
  folder: string
  appears: string
  /** Of the user's, to be read only; the wider ones first. */
  readable: readonly { from: string; to: string }[]
  /** Never seen, even where a system folder is around it. */
  hidden: readonly string[]
  system: readonly string[]
}

/**
 * For bubblewrap: an empty file system with the system's folders, what the program needs and its own folder; processes of its own, so that
 * no other's environment is there to be read; the network as it is. It ends with us, whoever ends us. `readOnly`: for a trial.
 */
export function bubblewrapRules(rules: SandboxRules, readOnly = false): string[] {
  const below = (path: string) => rules.system.some((folder) => path.startsWith(`${folder}/`))
  return [
    ...['--unshare-user', '--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup-try'],
    ...['--cap-drop', 'ALL', '--die-with-parent', '--new-session'],
    ...['--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp'],
    ...rules.system.flatMap((path) => ['--ro-bind', path, path]),
    ...rules.hidden.filter(below).flatMap((path) => ['--tmpfs', path]),
    ...rules.readable.flatMap(({ from, to }) => ['--ro-bind', from, to]),
    ...(readOnly ? [] : ['--bind', rules.folder, rules.appears]),
    ...['--chdir', rules.appears],
  ]
}

/** For macOS `sandbox-exec` (Apple's sandbox profile language, the last rule that fits wins): nothing is moved, so the paths are the real ones. */
export function seatbeltArgs(rules: SandboxRules): string[] {
  const own = rules.folder
  const paths = (list: readonly string[]) => list.map((path) => `(subpath ${quoted(path)})`).join(' ')
  const readable = rules.readable.map(({ from }) => from)
  const profile = [
    '(version 1)',
    '(allow default)',
    '(deny file-write*)',
    `(deny file-read* (subpath "/Users") (subpath "/Volumes")${rules.hidden.length > 0 ? ` ${paths(rules.hidden)}` : ''})`,
    // Without the names on the way to it, nothing below can be opened.
    `(allow file-read-metadata ${[own, ...readable].flatMap(above).map(literal).join(' ')})`,
    ...(readable.length > 0 ? [`(allow file-read* ${paths(readable)})`] : []),
    `(allow file-read* file-write* ${paths([own])})`,
    '(allow file-write* (literal "/dev/null") (literal "/dev/zero") (literal "/dev/tty") (subpath "/dev/fd"))',
    '(deny process-info* (target others))',
    '(deny signal (target others))',
    '(allow signal (target same-sandbox))',
    '(deny mach-lookup (global-name "com.apple.SecurityServer") (global-name "com.apple.securityd"))',
    '(deny appleevent-send)',
  ].join('\n')
  return ['-p', profile, rules.command, ...rules.args]
}

const quoted = (path: string) => `"${path.replace(/["\\]/g, '\\$&')}"`
const literal = (path: string) => `(literal ${quoted(path)})`

function above(path: string): string[] {
  const parts = path.split('/').slice(1, -1)
  return ['/', ...parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`)]
}
