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
 * How this computer's user reaches the network, of both spellings: without it a server behind a company's proxy, or behind a scanner that
 * signs pages anew, reaches nothing. A proxy's address may hold a password; whoever is to use the proxy needs it.
 */
const networkNames = [
  ...['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY', 'NO_PROXY'],
  ...['NODE_EXTRA_CA_CERTS', 'NODE_USE_ENV_PROXY', 'NODE_USE_SYSTEM_CA', 'SSL_CERT_FILE', 'SSL_CERT_DIR'],
  ...['REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE', 'GIT_SSL_CAINFO', 'PIP_CERT'],
]
const ofNetwork = networkNames.flatMap((name) =>
  process.platform === 'win32' ? [name] : [name, name.toLowerCase()],
)

/** Of the variables above, those that name a file of certificates: the full paths in `env`. */
export const certificateFiles = (env: Readonly<Record<string, string>>): string[] =>
  ofNetwork
    .filter((name) => /_CERT|_BUNDLE|CAINFO/i.test(name) && !/_DIR$/i.test(name))
    .flatMap((name) => (env[name]?.startsWith('/') ? [env[name]] : []))

/**
 * The environment of a child: the few names above, those of the network, the search path, and the server's own values, which win. `dataDir`: ours; what leads to it is
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
  // Of both spellings programs take the lower one first, so one of the server's own takes the place of both of ours.
  const givenNetwork = new Set(Object.keys(own).map((name) => name.toUpperCase()))
  const wanted = ofNetwork.filter((name) => !givenNetwork.has(name.toUpperCase()))
  for (const name of [...passedOn, ...wanted]) {
    const value = ours[name]
    // A value that begins like this is an exported shell function (CVE-2014-6271), never a setting.
    if (value !== undefined && !value.startsWith('()') && !leadsToUs(value) && !given.has(name))
      env[name] = value
  }
  const path = directories.filter((directory) => !leadsToUs(directory))
  if (!given.has('PATH')) env.PATH = path.join(process.platform === 'win32' ? ';' : ':')
  return { ...env, ...own }
}
