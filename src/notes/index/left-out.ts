import type { LeftOut } from '../../contract/folders.ts'
import { type Pattern, patternOf } from './name-patterns.ts'

/** Keys, wallets and password stores, by their names as programs give them. */
const secrets: readonly RegExp[] = [
  /^\.?env(?:\..*)?$|\.env$/i,
  /\.(?:pem|key|p12|pfx|p8|jks|keystore|ppk|kdbx?|psafe3|agilekeychain|opvault|1pif|1pux|ovpn|gpg|pgp|asc|age|wallet|keychain(?:-db)?)$/i,
  /^id_(?:rsa|dsa|ecdsa|ed25519)(?:[._-].*)?$/i,
  /^(?:wallet\.dat|key[34]\.db|logins\.json|login data|cookies(?:\.sqlite)?|authorized_keys|known_hosts|shadow|htpasswd)$/i,
  /^(?:my |meine? )?(?:credentials?|secrets?|passw(?:or)?ds?|passwörter|kennwörter|contraseñas|mots[ _-]de[ _-]passe|seed[ _-]?phrase|recovery[ _-]?(?:codes?|phrase|keys?)|mnemonic)(?:[ ._-]?(?:\(?\d{1,9}\)?|copy|kopie|copie|copia|backup|old|export)){0,3}(?:\.[a-z0-9]+){0,2}$/i,
  /^(?:bitwarden|lastpass|1password|keepass|dashlane|nordpass|keeper|enpass|proton[ _-]?pass|chrome)[ _-]?(?:export|passwords?|vault).*$/i,
]
/** Folders that programs fill: nobody's documents. */
const machinery = new Set([
  'node_modules',
  '__pycache__',
  'venv',
  '$RECYCLE.BIN',
  'System Volume Information',
])

/**
 * Why something of this name stays out, whatever it is; null: it does not. `path` is within the folder, with `/`. A Mac writes `ü` as two
 * signs where others write one: it is the same name.
 */
export function leftOutByName(written: string, path: string, excludes: readonly string[]): LeftOut | null {
  const name = written.normalize('NFC')
  if (secrets.some((one) => one.test(name))) return 'secret'
  if (name.startsWith('.') || name.startsWith('~$')) return 'hidden'
  if (machinery.has(name)) return 'excluded'
  const whole = path.normalize('NFC')
  return patternsOf(excludes).some((fits) => fits(name, whole)) ? 'excluded' : null
}

/** The same for a file in folders, any of which may stay out. */
export function leftOutByPath(path: string, excludes: readonly string[]): LeftOut | null {
  const parts = path.split('/')
  for (const [n, name] of parts.entries()) {
    const reason = leftOutByName(name, parts.slice(0, n + 1).join('/'), excludes)
    if (reason !== null) return reason
  }
  return null
}

/** Of a list, made when it is first needed: it is asked of every file. */
const made = new WeakMap<readonly string[], Pattern[]>()
function patternsOf(excludes: readonly string[]): Pattern[] {
  const known = made.get(excludes) ?? excludes.map((one) => patternOf(one.normalize('NFC')))
  made.set(excludes, known)
  return known
}
