/** What a program needs to feel at home; nothing else of our own environment is handed on. */
const passedOn =
  process.platform === 'win32'
    ? [
        'APPDATA',
        'COMSPEC',
        'HOMEDRIVE',
        'HOMEPATH',
        'LOCALAPPDATA',
        'PATHEXT',
        'PROCESSOR_ARCHITECTURE',
        'PROGRAMDATA',
        'PROGRAMFILES',
        'PROGRAMFILES(X86)',
        'SYSTEMDRIVE',
        'SYSTEMROOT',
        'TEMP',
        'TMP',
        'USERNAME',
        'USERPROFILE',
        'WINDIR',
      ]
    : [
        'HOME',
        'LANG',
        'LC_ALL',
        'LC_CTYPE',
        'LOGNAME',
        'SHELL',
        'TMPDIR',
        'TZ',
        'USER',
        'XDG_CACHE_HOME',
        'XDG_CONFIG_HOME',
        'XDG_DATA_HOME',
      ]

/** Where the screen is and what lets a program draw on it: a server that opens a window or a browser needs them. */
const screen = ['DISPLAY', 'WAYLAND_DISPLAY', 'XAUTHORITY']
if (process.platform === 'linux') passedOn.push(...screen)

/**
 * The environment of a child: the few names above, the search path, and the server's own values, which win. `dataDir`: ours; what leads to it is
 * left out.
 */
export function childEnv(
  ours: NodeJS.ProcessEnv,
  directories: readonly string[],
  own: Readonly<Record<string, string>>,
  dataDir: string | null = null,
): Record<string, string> {
  const env: Record<string, string> = {}
  const leadsToUs = (value: string) => dataDir !== null && value.includes(dataDir)
  // Windows takes names without regard to case, and the first of two alike.
  const plain = (name: string) => (process.platform === 'win32' ? name.toUpperCase() : name)
  const given = new Set(Object.keys(own).map(plain))
  for (const name of passedOn) {
    const value = ours[name]
    // A value that begins like this is an exported shell function (CVE-2014-6271), never a setting.
    if (value !== undefined && !value.startsWith('()') && !leadsToUs(value) && !given.has(name))
      env[name] = value
  }
  const path = directories.filter((directory) => !leadsToUs(directory))
  if (!given.has('PATH')) env.PATH = path.join(process.platform === 'win32' ? ';' : ':')
  return { ...env, ...own }
}
