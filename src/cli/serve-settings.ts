import { say } from '../../locales/say.ts'
import { TunnelId } from '../contract/tunnel.ts'
import { usage } from './context.ts'

/** Where it is set, and what fits. Everything that a server without a window can be told is in this list, and nowhere else. */
interface ServeSetting {
  variable: string
  /** Of `drawbridge serve`; left out: by variable alone. */
  option?: string
  /** What fits, as it is shown. */
  fits: string
  /** Other people on this computer must not see it, so it has no place in a command or a service's file. */
  secret?: boolean
}

const logLevels = ['debug', 'info', 'warn', 'error'] as const
type ServeLogLevel = (typeof logLevels)[number]

export const serveSettings = {
  data: { variable: 'DRAWBRIDGE_DATA', option: '--data', fits: 'FOLDER' },
  port: { variable: 'DRAWBRIDGE_PORT', option: '--port', fits: '0–65535' },
  uiPort: { variable: 'DRAWBRIDGE_UI_PORT', option: '--ui-port', fits: '0–65535' },
  logLevel: { variable: 'DRAWBRIDGE_LOG_LEVEL', option: '--log-level', fits: logLevels.join(', ') },
  corsOrigins: {
    variable: 'DRAWBRIDGE_CORS_ORIGINS',
    option: '--cors-origin',
    fits: 'https://app.example,…',
  },
  tunnel: { variable: 'DRAWBRIDGE_TUNNEL', option: '--tunnel', fits: TunnelId.options.join(', ') },
  tunnelFields: { variable: 'DRAWBRIDGE_TUNNEL_FIELD', fits: 'DRAWBRIDGE_TUNNEL_ADDRESS=…', secret: true },
  tunnelFiles: {
    variable: 'DRAWBRIDGE_TUNNEL_FIELD_FILE',
    fits: 'DRAWBRIDGE_TUNNEL_TOKEN_FILE=/run/secrets/token',
  },
  vault: { variable: 'DRAWBRIDGE_VAULT', fits: 'keychain, file' },
  passphrase: { variable: 'DRAWBRIDGE_PASSPHRASE', fits: '…', secret: true },
  passphraseFile: { variable: 'DRAWBRIDGE_PASSPHRASE_FILE', fits: 'FILE' },
  locale: { variable: 'DRAWBRIDGE_LOCALE', fits: 'en, en-XA' },
} satisfies Record<string, ServeSetting>
type Name = keyof typeof serveSettings

const list = Object.entries(serveSettings) as [Name, ServeSetting][]

/** Rows of the table: variable, option, what fits, what it is. */
export const settingRows = (): [variable: string, option: string, fits: string, about: string][] =>
  list.map(([name, { variable, option = '', fits }]) => [variable, option, fits, say(`cli.setting.${name}`)])

export interface Served {
  port?: number
  uiPort?: number
  logLevel?: ServeLogLevel
  corsOrigins: string[]
  /** `values` by the name of the field in small letters. */
  tunnel?: { id: TunnelId; values: Record<string, string> }
}

/** What was typed on the command line; it comes before variables. */
export interface Typed {
  port?: string
  uiPort?: string
  logLevel?: string
  corsOrigin?: string[]
  tunnel?: string
}

/**
 * What `drawbridge serve` was told, by options and by variables. Throws HostError `usage` with the name of the first that does not fit: a server that
 * begins with something else than it was told is worse than one that does not begin.
 */
export function readServeSettings(
  typed: Typed,
  env: NodeJS.ProcessEnv,
  read: (file: string) => string,
): Served {
  const given = (name: Name, option: string | undefined) => {
    const { variable, option: flag, fits } = serveSettings[name] as ServeSetting
    const value = option ?? (env[variable] || undefined)
    return { value, wrong: () => wrong(option === undefined ? variable : (flag ?? variable), fits) }
  }
  const port = portOf(given('port', typed.port))
  const uiPort = portOf(given('uiPort', typed.uiPort))
  const level = given('logLevel', typed.logLevel)
  const logLevel = logLevels.find((one) => one === level.value)
  if (level.value !== undefined && logLevel === undefined) throw level.wrong()
  const tunnel = tunnelOf(given('tunnel', typed.tunnel), env, read)
  return {
    ...(port !== undefined && { port }),
    ...(uiPort !== undefined && { uiPort }),
    ...(logLevel !== undefined && { logLevel }),
    corsOrigins: originsOf(given('corsOrigins', typed.corsOrigin?.join(','))),
    ...(tunnel && { tunnel }),
  }
}

interface Given {
  value: string | undefined
  wrong(): Error
}

const wrong = (name: string, fits: string) => usage({ says: 'usage.setting', params: { name, fits } })

function portOf({ value, wrong }: Given): number | undefined {
  if (value === undefined) return undefined
  if (!/^\d{1,5}$/.test(value) || Number(value) > 65_535) throw wrong()
  return Number(value)
}

/** Exact origins (RFC 6454 §4), as a browser sends them. A star would let in every page that the user ever looks at. */
function originsOf({ value = '', wrong }: Given): string[] {
  const texts = value.split(',').flatMap((text) => text.trim() || [])
  return texts.map((text) => {
    const url = URL.parse(text)
    if (url === null || !/^https?:$/.test(url.protocol) || url.origin !== text.replace(/\/$/, ''))
      throw wrong()
    return url.origin
  })
}

const fieldPrefix = 'DRAWBRIDGE_TUNNEL_'
const fileSuffix = '_FILE'
/** Where a tunnel service of one's own is; for localtunnel, and no field. */
const hostVariable = 'DRAWBRIDGE_TUNNEL_HOST'

function tunnelOf(
  { value, wrong }: Given,
  env: NodeJS.ProcessEnv,
  read: (file: string) => string,
): Served['tunnel'] {
  const names = Object.keys(env).filter(
    (name) => name.startsWith(fieldPrefix) && name !== hostVariable && env[name],
  )
  if (value === undefined) {
    if (names[0] !== undefined) throw usage({ says: 'usage.tunnelFieldAlone', params: { name: names[0] } })
    return undefined
  }
  const id = TunnelId.options.find((one) => one === value)
  if (id === undefined) throw wrong()
  const values: Record<string, string> = {}
  for (const name of names) {
    const isFile = name.endsWith(fileSuffix)
    const field = name.slice(fieldPrefix.length, isFile ? -fileSuffix.length : undefined).toLowerCase()
    try {
      values[field] = isFile ? read(env[name]!).replace(/\r?\n$/, '') : env[name]!
    } catch {
      throw usage({ says: 'usage.settingFile', params: { name } })
    }
    // Nothing that is started later inherits it; what is not in a file was left behind at the start (`passphrase.ts`).
    delete env[name]
  }
  return { id, values }
}
