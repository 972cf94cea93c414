import { type Sentence, saidLater } from '../../../locales/say.ts'
import { triedAgain } from '../../net/connection-failures.ts'

/**
 * What the last lines that a program wrote are about, and which of them says it. Two helpers of the same line: people are shown the
 * line, and Drawbridge decides by the kind whether trying again makes sense.
 */
export type WordsKind =
  | 'docker'
  | 'network'
  | 'port'
  | 'package'
  | 'module'
  | 'command'
  | 'disk'
  | 'denied'
  | 'setting'
  | 'usage'
  | 'error'

export interface LastWords {
  /** Null: nothing that is known. */
  kind: WordsKind | null
  /** As it was written; empty when nothing was. */
  line: string
}

interface Row {
  kind: WordsKind
  /** The more telling ones first: of a kind, the last line that fits the first of them is shown. */
  says: readonly RegExp[]
  /** Lines of more weight count before those that come later; left out: 2. */
  weight?: number
}

const codes =
  '(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ECONNABORTED|ETIMEDOUT|ENETUNREACH|ENETDOWN|EHOSTUNREACH|EHOSTDOWN)'

/** A line is of the first kind that fits it. */
const table: readonly Row[] = [
  {
    kind: 'docker',
    says: [
      /cannot connect to the docker daemon|is the docker daemon running|docker desktop is not running/i,
      /cannot connect to podman|unable to connect to podman/i,
      /error during connect:|docker(_engine|\.sock).*(no such file|connection refused|cannot find|permission denied)/i,
    ],
  },
  {
    kind: 'port',
    says: [
      /\berror\b.*EADDRINUSE/i,
      /EADDRINUSE: |address already in use|port \d+ is (already )?in use/i,
      /EADDRINUSE/,
    ],
  },
  {
    kind: 'network',
    says: [
      /request to \S+ failed|error sending request for url|failed to (fetch|download)\b.*https?:/i,
      new RegExp(`\\b${codes}\\b[ :]+\\S*[\\w:]\\.?\\S*`),
      /getaddrinfo|could not resolve (host|proxy)|name or service not known|temporary failure in name resolution|nodename nor servname|no such host|dns error/i,
      /network is unreachable|no route to host|connection (refused|reset|timed out)|connect timeout|max retries exceeded|dial (tcp|udp)|proxy error/i,
      /\bfetch failed\b|\bnetwork (error|request failed|timeout)|socket hang ?up|read timed out|unable to connect to/i,
      new RegExp(`\\b${codes}\\b`),
    ],
  },
  {
    kind: 'package',
    says: [
      /is not in this registry|requested resource .* could not be found|not found in the package registry|no matching version found|could not determine executable/i,
      /no solution found when resolving|no matching distribution found|unsupported engine|pull access denied|manifest (for .* not found|unknown)/i,
      /failed to resolve the latest version of|client error \(404/i,
      /\b404 not found - (get|put)\b|an executable named .* is not provided/i,
      /\bcode (E404|ETARGET|EBADENGINE|ENOVERSIONS|EINVALIDPACKAGENAME)\b/,
    ],
  },
  {
    kind: 'module',
    says: [
      /cannot find (module|package) |no module named|modulenotfounderror|cannot import name/i,
      /can't open file|cannot open file|no such file or directory.*\.(js|mjs|cjs|ts|py)\b|module not found/i,
      /\b(ERR_)?MODULE_NOT_FOUND\b/,
    ],
  },
  {
    kind: 'command',
    says: [
      /command not found|: not found$|is not recognized as an internal or external command|spawn \S+ ENOENT/i,
      /exec format error/i,
    ],
  },
  { kind: 'disk', says: [/no space left on device|ENOSPC|disk quota exceeded/i] },
  { kind: 'denied', says: [/permission denied|EACCES|operation not permitted|EPERM|access is denied/i] },
  {
    kind: 'setting',
    says: [
      /(api[ _-]?key|(?<!unexpected )\btoken|secret|password|credentials?|environment variables?|env vars?)\b.*\b(missing|required|not set|unset|must be|undefined|invalid|not provided|not found|not defined|is empty|expected)/i,
      /\b(?!ERR_)[A-Z][A-Z0-9]*_[A-Z0-9_]+\b.*\b(missing|required|not set|unset|must be|undefined|invalid|not provided|not found|not defined|is empty)/,
      /\b(missing|required?|set|provide|specify|invalid)\b.{0,40}\b(api[ _-]?key|access token|(?<!unexpected )token|secret|password|credentials?|environment variable)/i,
      /\bno (valid |usable )?(api[ _-]?key|access token|token|secret|password|credentials?)\b.{0,30}\b(provided|found|set|given|configured|available)\b/i,
      /\bunauthori[sz]ed\b|authentication failed|\blog ?in first\b/i,
    ],
  },
  {
    kind: 'usage',
    says: [
      /(unknown|unrecogni[sz]ed|unexpected|invalid|missing|too (many|few)) .{0,20}(option|argument|command|flag|parameter)s?\b|arguments are required|required (option|argument)/i,
    ],
  },
  // How it is to be used stands after what was wrong, too.
  { kind: 'usage', says: [/^\s*usage\b/i], weight: 1 },
  {
    kind: 'error',
    weight: 0,
    says: [
      /^(\w+\.)*\w*(Error|Exception|Interrupt|Exit|Panic)\b[^:]{0,40}: ./,
      /(error|exception|fatal|panic(ked)?)\b[^:]{0,40}:/i,
      /^npm (error|ERR!) /,
    ],
  },
]

/** What stands around the telling line: stack frames, carets, versions, where a log lies, and what npm says at every end. */
const noise =
  /^(\s+at |\s*[\^~{}]|\s*File "|Node\.js v|npm (error|ERR!) (A complete log|\s*\/|errno|syscall|path|cwd|network (This is a problem|In most cases|'proxy' config|If you are behind)|(404 )?(\s*$|Note that|You can|This package name|tarball, folder|It was specified|Please check))|npm (warn|notice|WARN)|See ['‘]docker |Traceback \(most recent|During handling of|The above exception)/

const isNoise = (line: string) => noise.test(line) || line.trim() === ''
const isWarning = (line: string) => /^\W{0,3}(warn(ing)?|info|debug|notice|deprecat\w+)\b/i.test(line)

/** `lines` are what a program wrote to standard error, oldest first. */
export function lastWordsOf(lines: readonly string[]): LastWords {
  const told = lines.filter((line) => !isNoise(line))
  const grave = told.filter((line) => !isWarning(line))
  return telling(grave) ?? telling(told) ?? { kind: null, line: told.at(-1) ?? '' }
}

function telling(lines: readonly string[]): LastWords | null {
  const rows = lines.map((line) => table.find(({ says }) => says.some((pattern) => pattern.test(line))))
  const weight = Math.max(...rows.map((row) => (row ? (row.weight ?? 2) : -1)))
  // What came last is what it ended of.
  const row = rows.findLast((one) => one && (one.weight ?? 2) === weight)
  if (!row) return null
  const own = lines.filter((_, index) => rows[index] === row)
  for (const pattern of row.says) {
    const line = own.findLast((one) => pattern.test(one))
    if (line !== undefined) return { kind: row.kind, line }
  }
  return null
}

/** What to do next, by what it is about. */
export const hintFor = (kind: WordsKind | null): Sentence =>
  saidLater(`lastWords.${kind ?? 'error'}.hint`, { triedAgain })

/** Kinds that trying again does not mend: the program will say the same every time. */
const lasting: ReadonlySet<WordsKind> = new Set(['package', 'module', 'command', 'setting', 'usage'])
export const isLasting = (kind: WordsKind | null): boolean => kind !== null && lasting.has(kind)
/** Kinds that have their cause outside of the program. */
export const isOutside = (kind: WordsKind | null): boolean =>
  kind === 'network' || kind === 'docker' || kind === 'disk' || kind === 'port'
