import { type Sentence, saidLater } from '../../../locales/say.ts'
import { refuseHidden } from './clean-text.ts'
import { readJson, readToml, readYaml } from './documents.ts'
import { fromSettings } from './from-settings.ts'
import { notUnderstood, type ReadText } from './raw-server.ts'

/** Of JSON that came inside of something else. */
export function documentsOf(json: string): unknown[] {
  refuseHidden(json, saidLater('pasted.theText'))
  return readJson(json)
}

const comments = /^\s*(?:#[^\n]*\n\s*)*/
const key = String.raw`(?:[\w-]+|"[^"\n]*"|'[^'\n]*')`
const keys = String.raw`\s*${key}(?:\s*\.\s*${key})*\s*`
/** Of the first line that is no comment. */
const table = new RegExp(String.raw`^\[\[?${keys}\]\]?\s*(?:#[^\n]*)?(?:\n|$)`)
const assignment = new RegExp(`^${keys}=`)
/** What nothing but settings has in a line: those of Codex begin with other things. */
const serversInToml = /^[ \t]*(?:\[\[?[ \t]*)?["']?mcp[_.]?servers["']?[ \t]*(?:[.\]]|=[ \t]*[{[])/im
/** Of the first line that is neither a comment nor the mark that a document begins. */
const mapping = /^(?:- +)?["']?[A-Za-z_][\w.@/-]*["']?:(?:\s|$)/

/** A text that is JSON (with comments, with or without its outer braces), TOML or YAML; null: it is none of these. */
export function fromDocument(text: string): ReadText | null {
  if (isToml(text))
    return fromAll([readToml(text)], saidLater('pasted.settingsInToml'), saidLater('pasted.theText'))
  if (/^\s*(?:[{[]|\/\/|\/\*|"(?:[^"\\\n]|\\.)*"\s*:)/.test(text))
    return fromAll(readJson(asJson(text)), saidLater('pasted.settingsInJson'), saidLater('pasted.theText'))
  if (isYaml(text))
    return fromAll([readYaml(text)], saidLater('pasted.settingsInYaml'), saidLater('pasted.theText'))
  return null
}

function isToml(text: string): boolean {
  const own = text.replace(comments, '')
  if (table.test(own)) return /=/.test(text)
  return assignment.test(own) && serversInToml.test(own)
}

function isYaml(text: string): boolean {
  const own = text.replace(comments, '').replace(/^---[ \t]*(?:#[^\n]*)?\n/, '')
  return (
    text.trim().includes('\n') &&
    mapping.test(own.replace(comments, '')) &&
    /(?:^|[\s{-])["']?(?:command|cmd|url|uri)["']?\s*:/m.test(text)
  )
}

/** Quotes as programs for texts make them: only where there are no others. */
const asJson = (text: string): string => (/"/.test(text) ? text : text.replace(/[“”„]/g, '"'))

/** The servers of all documents. Throws when there is none. */
export function fromAll(documents: readonly unknown[], what: Sentence, subject: Sentence): ReadText {
  const all = documents.map(fromSettings).filter((one) => one !== null)
  const [first] = all
  if (!first) throw notUnderstood({ says: 'pasted.butNothingInDescribes', params: { subject, what } })
  return {
    what: first.what,
    servers: all.flatMap(({ servers }) => servers),
    leftOut: all.flatMap(({ leftOut }) => leftOut),
  }
}
