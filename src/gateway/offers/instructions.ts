import { withoutHidden } from '../../contract/agreed/visible-text.ts'
import { shorten } from '../../kernel/shorten.ts'
import type { ToolSource } from '../../mcp/tool-source.ts'
import { aimedIn, type LeftOut } from './offered.ts'
import type { PinRules } from './tools/pin-rules.ts'

/** All that some clients read. */
const first = 512
const all = 4_000
/** Less than this of what a server says about itself is no help. */
const leastStart = 24

const about =
  'Drawbridge passes on what its user chose on their own computer. A tool that changes something may first wait for the ' +
  'user: an answer that says it is waiting for approval means that nothing was done yet; it runs once the user allows it, and ' +
  'the same call then gets its result.'

interface Introduced {
  source: ToolSource
  /** Null: it says nothing. */
  own: string | null
}

/**
 * What a client is told on arrival. The first 512 characters stand for themselves: what we are, and how each server's own
 * words begin; longer words of servers come after that. A lone server under its own names speaks first.
 */
export function composeInstructions(
  sources: readonly ToolSource[],
  ownWords: (source: ToolSource) => string | null,
): string {
  const servers = sources
    .filter((source) => source.kind === 'server')
    .map((source): Introduced => ({ source, own: ownWords(source) }))
  const [lone] = servers
  if (servers.length === 1 && lone?.own && !lone.source.prefixed)
    return `${cut(lone.own, all - about.length - 2)}\n\n${about}`
  return `${short(servers)}${long(servers)}`
}

/** What a server tells assistants of itself. */
interface OwnWords {
  /** Null: nothing that may be passed on. */
  words: string | null
  /** That it is not passed on, and why: there is something in it that its owner should not have to look for. */
  leftOut: LeftOut[]
}

/** Looked at once for each text. */
export function createOwnWords({
  findingsIn,
}: Pick<PinRules, 'findingsIn'>): (source: ToolSource) => OwnWords {
  const known = new Map<string, OwnWords & { text: string }>()
  return (source) => {
    const text = source.kind === 'server' ? (source.instructions?.() ?? '').slice(0, 20_000) : ''
    if (text === '') return { words: null, leftOut: [] }
    const before = known.get(source.slug)
    if (before?.text === text) return before
    // Words for assistants like a tool's description, and so under the same rules.
    const why = aimedIn({ name: '', description: text, inputSchema: {} }, findingsIn)
    const leftOut: LeftOut[] = why === null ? [] : [{ kind: 'instructions', name: '', why }]
    const words = why === null ? withoutHidden(text).trim() : ''
    const made = { text, words: words === '' ? null : words, leftOut }
    known.set(source.slug, made)
    return made
  }
}

const flat = (text: string) => text.replace(/\s+/g, ' ')
const nameOf = ({ source }: Introduced) => flat(withoutHidden(source.name)).slice(0, 60)

function short(servers: readonly Introduced[]): string {
  if (servers.length === 0) return about
  const prefixed = servers.some(({ source }) => source.prefixed)
  const lead = `${about}${prefixed ? ' Names with "__" begin with their server.' : ''} Servers:`
  const more = (count: number) => (count === 0 ? '' : `\n- and ${count} more`)
  const heads = servers.map((one) =>
    one.source.prefixed ? `\n- ${one.source.slug}__: ${nameOf(one)}` : `\n- ${nameOf(one)}`,
  )
  let shown = heads.length
  const room = () =>
    first - lead.length - more(heads.length - shown).length - heads.slice(0, shown).join('').length
  while (shown > 0 && room() < 0) shown -= 1
  const speaking = servers.slice(0, shown).filter(({ own }) => own !== null).length
  const each = speaking === 0 ? 0 : Math.floor(room() / speaking) - 3
  const lines = heads.slice(0, shown).map((head, index) => {
    const { own } = servers[index]!
    return own === null || each < leastStart ? head : `${head} — ${cut(flat(own), each)}`
  })
  return `${lead}${lines.join('')}${more(heads.length - shown)}`
}

/** What did not fit above; every server gets its share, and what one leaves goes to the others. */
function long(servers: readonly Introduced[]): string {
  const speaking = servers
    .filter((one): one is Introduced & { own: string } => one.own !== null && one.own.length > leastStart)
    .sort((a, b) => a.own.length - b.own.length)
  let room = all - first
  const sections = new Map<Introduced, string>()
  for (const [index, one] of speaking.entries()) {
    const title = `\n\n${nameOf(one)} says about itself:\n`
    const share = Math.floor(room / (speaking.length - index)) - title.length
    if (share < leastStart) break
    const section = `${title}${cut(one.own, share)}`
    sections.set(one, section)
    room -= section.length
  }
  return servers.map((one) => sections.get(one) ?? '').join('')
}

/** At most `max` characters, never half of one. */
function cut(text: string, max: number): string {
  if (text.length <= max) return text
  return shorten(text, Math.max(0, max - 1)).replace(/… \[shortened: \d+ characters in all\]$/, '…')
}
