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

/** The environment of a child: the few names above, the search path, and the server's own values, which win. */
export function childEnv(
  ours: NodeJS.ProcessEnv,
  directories: readonly string[],
  own: Readonly<Record<string, string>>,
): Record<string, string> {
  const env: Record<string, string> = {}
  for (const name of passedOn) {
    const value = ours[name]
    // A value that begins like this is an exported shell function (CVE-2014-6271), never a setting.
    if (value !== undefined && !value.startsWith('()')) env[name] = value
  }
  env.PATH = directories.join(process.platform === 'win32' ? ';' : ':')
  return { ...env, ...own }
}
