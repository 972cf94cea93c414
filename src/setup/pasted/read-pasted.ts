import { say } from '../../../locales/say.ts'
import type { Pasted, PastedServer, PastedText } from '../../contract/pasted.ts'
import { isHostError } from '../../kernel/errors.ts'
import { blocksOf, cleanText } from './clean-text.ts'
import { finish } from './finish.ts'
import { fromAddress } from './from-address.ts'
import { fromDocument } from './from-documents.ts'
import { fromLines } from './from-lines.ts'
import {
  notUnderstood,
  type PasteWorld,
  type ReadText,
  rawServer,
  refuseTooMany,
  wholeCharacters,
  wordsOf,
} from './raw-server.ts'
import { unwrap } from './runners.ts'

/**
 * What a text from a server's own page means: settings of any app, a line for a terminal, an address, a link, a folder; alone or in
 * code blocks. Pure: nothing is looked up, fetched or started. Throws HostError `paste-not-understood`, which says what and where.
 */
export function readPasted(pasted: string, world: PasteWorld): Pasted {
  const blocks = blocksOf(cleanText(pasted))
  const read: ReadText[] = []
  let problem: unknown = null
  for (const block of blocks) {
    try {
      read.push(readBlock(block, world))
    } catch (error) {
      if (!isHostError(error)) throw error
      problem ??= error
    }
  }
  const found = read.flatMap(({ servers }, block) => servers.map((raw) => ({ raw, block })))
  refuseTooMany(found.length)
  const servers: PastedServer[] = []
  const known: Known[] = []
  const names = new Set<string>()
  const leftOut = read.flatMap((one) => one.leftOut)
  for (const { raw, block } of found) {
    try {
      const now = { server: finish(unwrap(raw), world), name: raw.name, block }
      // A page says the same thing for several apps.
      if (!known.some((before) => isSame(now, before))) servers.push(named(now.server, names))
      known.push(now)
    } catch (error) {
      if (!isHostError(error)) throw error
      problem ??= error
      leftOut.push({ name: raw.name ?? raw.command, why: wordsOf(error) })
    }
  }
  if (servers.length === 0) throw problem ?? notUnderstood({ says: 'pasted.noServerInText' })
  const what = [...new Set(read.map((one) => one.what))]
  return { what: what.length === 1 ? (what[0] as string) : say('pasted.severalBlocks'), servers, leftOut }
}

function readBlock(block: string, world: PasteWorld): ReadText {
  const text = block.trim()
  const word = bareAddress(text)
  if (!/\s/.test(word)) {
    const read = fromAddress(word)
    if (read) return read
  }
  const folder = folderOf(text, world)
  if (folder !== null) return folder
  // `claude_desktop_config.json:` above the settings themselves.
  const [title = '', ...rest] = text.split('\n')
  const titled = rest.length > 0 && /^\S+\.(?:jsonc?|toml|ya?ml):?\s*$|^#+ |[^{[,"]:\s*$/.test(title)
  const below = titled && /^\s*[{[]/.test(rest.join('\n')) ? fromDocument(rest.join('\n')) : null
  const document = below ?? fromDocument(block)
  if (document) return document
  return fromLines(text)
}

/** `URL: https://…`, `[Install](cursor://…)`, `<https://…>`, `"https://…"`: the address without what stands around it. */
function bareAddress(text: string): string {
  const around =
    /^(?:[A-Za-z][\w -]{0,30}:\s+|<|["'])(https?:\/\/[^\s<>"']+)[>"']?$/.exec(text) ??
    /^!?\[.*\]\(([^\s()]+)\)$/.exec(text)
  return around?.[1] ?? text
}

const fileServer = '@modelcontextprotocol/server-filesystem'

/** A folder alone: what assistants can be given is its files. */
function folderOf(text: string, { home, isFolder }: PasteWorld): ReadText | null {
  const path = text.replace(/^(["'])(.*)\1$/, '$2')
  if (
    path.includes('\n') ||
    !/^(?:~(?:[\\/]|$)|\$HOME\b|%USERPROFILE%|\/(?![/*])|[A-Za-z]:[\\/]|\\\\)/.test(path)
  )
    return null
  const full = path.replace(/^(?:~|\$HOME|%USERPROFILE%)/, () => home)
  if (!isFolder(full)) return null
  const name = full.split(/[\\/]/).filter(Boolean).at(-1) ?? say('pasted.files')
  const note = say('pasted.assistantsGetFilesFolder', { fileServer })
  return {
    what: say('pasted.folder'),
    leftOut: [],
    servers: [rawServer({ name, command: 'npx', args: ['-y', fileServer, full], notes: [note] })],
  }
}

interface Known {
  server: PastedServer
  /** As its text has it. */
  name: string | null
  block: number
}

/** Whether two are one server. Of one text, two names are two: accounts of one service, say. */
function isSame(one: Known, other: Known): boolean {
  const areNamed = one.name !== null && other.name !== null
  if (areNamed && one.block === other.block && one.name !== other.name) return false
  const { server: a } = one
  const { server: b } = other
  if (keyOf(a) !== keyOf(b)) return false
  return (
    agree(a.cwd, b.cwd) &&
    Object.keys(a.env).every((name) => agree(a.env[name], b.env[name])) &&
    Object.keys(a.headers).every((name) => agree(a.headers[name], b.headers[name]))
  )
}

const keyOf = ({ kind, command, args, url, env, headers }: PastedServer): string =>
  JSON.stringify([kind, command, args, url, Object.keys(env).sort(), Object.keys(headers).sort()])

/** What is to be filled in, or left out, each app writes in its own way. */
const agree = (one: PastedText | null | undefined, other: PastedText | null | undefined): boolean =>
  [one, other].some((text) => !text || text.some((piece) => typeof piece !== 'string')) ||
  JSON.stringify(one) === JSON.stringify(other)

/** Two of one paste do not get one name. `taken`: in small letters, and this one's is put there. */
function named(server: PastedServer, taken: Set<string>): PastedServer {
  const start = wholeCharacters(server.name.slice(0, 36))
  let name = server.name
  for (let count = 2; taken.has(name.toLowerCase()); count += 1) name = `${start} ${count}`
  taken.add(name.toLowerCase())
  return { ...server, name }
}
