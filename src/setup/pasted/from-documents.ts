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

const table = /^\s*(?:#[^\n]*\n\s*)*\[\[?\s*[\w"'-]+(?:\s*\.\s*[\w"'-]+)*\s*\]\]?\s*(?:#[^\n]*)?(?:\n|$)/
/** Of the first line. */
const mapping = /^(?:- +)?["']?[A-Za-z_][\w.@/-]*["']?:(?:\s|$)/

/** A text that is JSON (with comments, with or without its outer braces), TOML or YAML; null: it is none of these. */
export function fromDocument(text: string): ReadText | null {
  if (table.test(text) && /=/.test(text))
    return fromAll([readToml(text)], saidLater('pasted.settingsInToml'), saidLater('pasted.theText'))
  if (/^\s*(?:[{[]|\/\/|\/\*|"(?:[^"\\\n]|\\.)*"\s*:)/.test(text))
    return fromAll(readJson(asJson(text)), saidLater('pasted.settingsInJson'), saidLater('pasted.theText'))
  const first = text.trimStart().split('\n', 1)[0] ?? ''
  if (
    text.trim().includes('\n') &&
    mapping.test(first) &&
    /(?:^|[\s{-])["']?(?:command|cmd|url|uri)["']?\s*:/m.test(text)
  )
    return fromAll([readYaml(text)], saidLater('pasted.settingsInYaml'), saidLater('pasted.theText'))
  return null
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
