import { type Sentence, saidLater, say } from '../../../locales/say.ts'
import { asServerName, nameOfAddress, nameOfCommand } from '../../contract/agreed/server-name.ts'
import { isHeaderName, isOwnHeader, isVariableName } from '../../contract/agreed/value-names.ts'
import { codePointName } from '../../contract/agreed/visible-text.ts'
import type { PastedServer, PastedText } from '../../contract/pasted.ts'
import { refuseHidden } from './clean-text.ts'
import { type Asks, createAsks } from './placeholders.ts'
import {
  notUnderstood,
  type PasteWorld,
  type RawServer,
  said,
  valuesOf,
  wholeCharacters,
} from './raw-server.ts'

/** The home folder, in the ways that shells and apps write it. */
const homeMark =
  /(?<=^|[=\s,;])~(?=$|[\\/])|\$\{(?:env[:.])?(?:HOME|USERPROFILE|userHome|user_home)\}|\{env:HOME\}|(?<!\\)\$env:(?:HOME|USERPROFILE)(?!\w)|(?<!\\)\$HOME(?!\w)|%(?:USERPROFILE|HOME|HOMEDRIVE%%HOMEPATH)%/gi
/** The folder that one happens to be in, which Drawbridge is not. */
const here = /\$\{?PWD\}?(?!\w)|\$\(pwd\)|%CD%|\$\{(?:workspaceFolder|workspaceRoot|cwd)\}/gi

/** Checked, with its placeholders found. Throws HostError for what must not be added. */
export function finish(raw: RawServer, world: PasteWorld): PastedServer {
  const asks = createAsks(raw.inputs)
  const notes = [...raw.notes]
  const text = (value: string, where: () => string, name = '') =>
    withHome(value, where, name, asks, world, notes)
  const pairs = (
    values: RawServer['env'],
    kind: 'variable' | 'header',
    isName: (name: string) => boolean,
  ) => {
    const out: Record<string, PastedText> = {}
    for (const [key, value] of Object.entries(values)) {
      if (!isName(key)) throw notUnderstood({ says: 'pasted.cannotBeName', params: { key: said(key), kind } })
      const where = () => say(`pasted.where.${kind}`, { name: key })
      out[key] =
        value === null || value === ''
          ? asks.whole(key, where(), key, value === null)
          : text(value, where, key)
    }
    return out
  }
  refuseAllHidden(raw)
  const headers = withoutOurs(raw.headers, notes)
  if (raw.kind === 'stdio') refuseLookAlikes(raw)
  const local = raw.kind === 'stdio'
  const server: PastedServer = {
    name: nameOf(raw),
    kind: raw.kind,
    command: local ? text(raw.command.trim(), () => say('pasted.where.program')) : null,
    args: local
      ? raw.args.map((arg, at) =>
          text(arg, () => say('pasted.where.argument', { number: at + 1 }), optionBefore(raw.args, at)),
        )
      : [],
    cwd: local && raw.cwd ? text(raw.cwd, () => say('pasted.where.folder')) : null,
    env: local ? pairs(raw.env, 'variable', isVariableName) : {},
    url: local ? null : text(checkedUrl(raw.url.trim(), notes), () => say('pasted.where.address')),
    headers: local ? {} : pairs(headers, 'header', isHeaderName),
    oauth: local ? null : raw.oauth,
    switchedOff: raw.switchedOff,
    asks: [],
    notes,
  }
  return { ...server, asks: asks.all(), notes: [...new Set(notes)] }
}

/** Other apps bear these: one that is ours anyway is no reason to refuse the server. */
function withoutOurs(headers: RawServer['headers'], notes: string[]): RawServer['headers'] {
  const ours = Object.keys(headers).filter(isOwnHeader)
  if (ours.length === 0) return headers
  notes.push(say('pasted.leftOutBecauseOurs', { headers: ours.slice(0, 8).map(said).join(', ') }))
  return valuesOf(Object.fromEntries(Object.entries(headers).filter(([name]) => !isOwnHeader(name))))
}

/** `--api-key` before `xxx` says what `xxx` stands for. */
const optionBefore = (args: readonly string[], at: number): string =>
  /^--?([A-Za-z][\w-]*)$/.exec(args[at - 1] ?? '')?.[1] ??
  /^--?([A-Za-z][\w-]*)=/.exec(args[at] ?? '')?.[1] ??
  ''

function withHome(
  value: string,
  where: () => string,
  name: string,
  asks: Asks,
  world: PasteWorld,
  notes: string[],
): PastedText {
  const parts = value.replace(here, '<folder>').split(homeMark)
  if (parts.length > 1) notes.push(say('pasted.yourHomeFolderWas', { home: world.home }))
  const pieces: PastedText = []
  parts.forEach((part, at) => {
    if (at > 0) pieces.push(world.home)
    if (part !== '' || parts.length === 1) pieces.push(...asks.text(part, where, name))
  })
  return pieces.reduce<PastedText>((all, piece) => {
    const last = all.at(-1)
    if (typeof last === 'string' && typeof piece === 'string') all[all.length - 1] = last + piece
    else all.push(piece)
    return all
  }, [])
}

function refuseAllHidden(raw: RawServer): void {
  const server = raw.name === null ? saidLater('pasted.part.unnamed') : said(raw.name)
  const check = (value: string | null, what: Sentence) => {
    if (value !== null) refuseHidden(value, what)
  }
  check(raw.name, saidLater('pasted.part.name', { server }))
  check(raw.command, saidLater('pasted.part.program', { server }))
  raw.args.forEach(
    (arg, at) => void check(arg, saidLater('pasted.part.argument', { number: at + 1, server })),
  )
  check(raw.cwd, saidLater('pasted.part.folder', { server }))
  check(raw.url, saidLater('pasted.part.address', { server }))
  for (const [kind, values] of [
    ['variable', raw.env],
    ['header', raw.headers],
  ] as const)
    for (const [name, value] of Object.entries(values)) {
      check(name, saidLater('pasted.part.nameOf', { kind, server }))
      check(value, saidLater('pasted.part.value', { kind, name: said(name), server }))
    }
}

/** Names of programs and packages that are looked up by name are plain letters; others only look like them. */
function refuseLookAlikes(raw: RawServer): void {
  const command = raw.command.trim()
  const runs = /^(?:npx|bunx|uvx|pipx|pnpm|npm|docker|podman|uv)$/i.test(command)
  const named = runs ? raw.args.filter((arg) => !/^-|[\\/:][^\\/:\n]*[\\/]/.test(arg)).slice(0, 2) : []
  for (const word of [...(/[\\/]/.test(command) ? [] : [command]), ...named]) {
    const odd = /[^\x20-\x7e]/u.exec(word)?.[0]
    if (odd === undefined) continue
    throw notUnderstood({
      says: 'pasted.hasLetterInOnly',
      params: { word: said(word), odd, code: codePointName(odd) },
    })
  }
  if (command === '') throw notUnderstood({ says: 'pasted.programStartMissing' })
}

/** As far as it can be told before its placeholders are filled in. */
function checkedUrl(url: string, notes: string[]): string {
  if (/^\$|^<|^\{|^%[A-Z]/.test(url)) return url
  const sample = url.replace(/<[^>]{0,200}>|\$?\{[^}]{0,200}\}|\[[^\]]{0,200}\](?!:|\/|$)/g, 'x')
  if (!/^https?:\/\//i.test(url) || !URL.canParse(sample))
    throw notUnderstood({ says: 'pasted.notAddressDrawbridgeCan', params: { url: said(url) } })
  const { username, password, hostname, searchParams } = new URL(sample)
  if (username !== '' || password !== '') throw notUnderstood({ says: 'pasted.addressHoldsUserName' })
  const [, typed = ''] = /^https?:\/\/([^/?#:]*)/i.exec(url) ?? []
  if (/[^\x20-\x7e]/.test(typed)) notes.push(say('pasted.hostHasLettersNot', { hostname }))
  if ([...searchParams.keys()].some((name) => /key|token|secret|auth/i.test(name)))
    notes.push(say('pasted.addressItselfHoldsKey'))
  return /[^\x20-\x7e]/.test(typed) && sample === url ? new URL(url).href : url
}

function nameOf(raw: RawServer): string {
  const own = raw.name === null ? '' : wholeCharacters(asServerName(raw.name))
  if (own !== '') return own
  // Longer words are no names, and looking for one in them takes long.
  const start = (word: string) => word.slice(0, 1_000)
  const found =
    raw.kind === 'stdio' ? nameOfCommand(start(raw.command), raw.args.map(start)) : nameOfAddress(raw.url)
  return wholeCharacters(found) || say('pasted.server')
}
