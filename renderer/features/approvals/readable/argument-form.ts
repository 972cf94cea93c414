/** Labels of what is one line, in their order; then of what is a text. */
type LineField = 'from' | 'to' | 'cc' | 'bcc' | 'replyTo' | 'subject' | 'path'
type TextField = 'text' | 'html' | 'contents'
type Field = LineField | TextField | 'before' | 'after' | 'changes'

/** The arguments of a call as what they plainly are. Each of them stands in it once: in its place, or in `rest`. */
export interface ArgumentForm {
  kind: 'mail' | 'file' | 'edit'
  lines: { field: LineField; values: string[] }[]
  texts: { field: TextField; text: string }[]
  changes: { before: string; after: string }[]
  /** What it has no place for, written as it came; null: nothing. */
  rest: string | null
}

type Names = Partial<Record<Field, readonly string[]>>

/** Without what names are joined with, in small letters. */
const mailNames: Names = {
  from: ['from', 'sender', 'fromaddress', 'fromemail'],
  to: ['to', 'recipient', 'recipients', 'torecipients', 'toaddress', 'toaddresses', 'toemail', 'toemails'],
  cc: ['cc', 'ccrecipients'],
  bcc: ['bcc', 'bccrecipients'],
  replyTo: ['replyto'],
  subject: ['subject'],
  text: ['body', 'text', 'message', 'content', 'bodytext', 'textbody', 'plaintext'],
  html: ['html', 'htmlbody', 'bodyhtml'],
}
const before = ['oldtext', 'oldstring', 'oldstr', 'old', 'before']
const after = ['newtext', 'newstring', 'newstr', 'new', 'after']
const fileNames: Names = {
  path: ['path', 'file', 'filepath', 'filename'],
  contents: ['content', 'contents', 'filetext', 'filecontent'],
  before,
  after,
  changes: ['edits', 'changes'],
}
/** What a text beside a *path* is, and only there: beside a file it may be what is said about it. */
const noteNames: Names = { ...fileNames, contents: [...fileNames.contents!, 'text'] }
const changeNames: Names = { before, after }

const lineFields: readonly LineField[] = ['from', 'to', 'cc', 'bcc', 'replyTo', 'subject', 'path']
const textFields: readonly TextField[] = ['text', 'html', 'contents']

/**
 * What a call that changes something hands over, as a mail, a file or changes to one. Null where it is not plainly that: when in doubt,
 * such as with two names for one thing, it is names and values like any other. `text`: of `shownJson`, with an indent of two.
 */
export function argumentForm(text: string): ArgumentForm | null {
  const entries = entriesOf(text)
  return entries && (mailOf(entries) ?? fileOf(entries))
}

function mailOf(entries: Entry[]): ArgumentForm | null {
  const found = sorted(entries, mailNames)
  const lines = found ? linesOf(found) : []
  const has = (wanted: LineField) => lines.some(({ field }) => field === wanted)
  if (!found || !has('to') || !has('subject')) return null
  const texts = textsOf(found)
  return { kind: 'mail', lines, texts, changes: [], rest: restOf(entries, [...lines, ...texts], found) }
}

function fileOf(entries: Entry[]): ArgumentForm | null {
  const found = sorted(entries, entries.some(({ name }) => name === 'path') ? noteNames : fileNames)
  const lines = found ? linesOf(found) : []
  if (!found || lines.length === 0) return null
  const texts = textsOf(found)
  const [old, now, several] = (['before', 'after', 'changes'] as const).map((field) => found.get(field))
  if (texts.length > 0)
    return (old ?? now ?? several)
      ? null
      : { kind: 'file', lines, texts, changes: [], rest: restOf(entries, [...lines, ...texts], found) }
  if (found.has('contents')) return null
  const changes =
    old && now && !several
      ? [changeOf(old.value, now.value)]
      : several && !old && !now
        ? changesOf(several.value)
        : null
  if (changes === null || changes.includes(null)) return null
  const taken = [...lines, ...(['before', 'after', 'changes'] as const).map((field) => ({ field }))]
  return { kind: 'edit', lines, texts, changes: changes as Change[], rest: restOf(entries, taken, found) }
}

type Change = ArgumentForm['changes'][number]

const changeOf = (from: unknown, to: unknown): Change | null =>
  typeof from === 'string' && typeof to === 'string' ? { before: from, after: to } : null

/** Null unless each is a text before and one after, and nothing else. */
function changesOf(value: unknown): (Change | null)[] | null {
  if (!Array.isArray(value) || value.length === 0) return null
  return value.map((one) => {
    const names = Object.keys(Object(one))
    const found = sorted(
      names.map((name) => ({ name, value: one[name], lines: [] })),
      changeNames,
    )
    return names.length === 2 && found?.size === 2
      ? changeOf(found.get('before')!.value, found.get('after')!.value)
      : null
  })
}

/** One argument: its value, and the lines that it is written on. */
interface Entry {
  name: string
  value: unknown
  lines: string[]
}

/** Of the outermost object, in their order; null where there is none. */
function entriesOf(text: string): Entry[] | null {
  const all = text.split('\n')
  if (all.length < 3 || all[0] !== '{' || all.at(-1) !== '}') return null
  const entries: string[][] = []
  for (const line of all.slice(1, -1))
    if (line.startsWith('  "')) entries.push([line])
    else entries.at(-1)?.push(line)
  return entries.map((lines) => {
    const one = JSON.parse(`{${lines.join('\n').replace(/,$/, '')}}`)
    const [name] = Object.keys(one) as [string]
    return { name, value: one[name], lines }
  })
}

/** By what they are; null where two are the same. */
function sorted(entries: Entry[], names: Names): Map<Field, Entry> | null {
  const found = new Map<Field, Entry>()
  for (const entry of entries) {
    const plain = /^[A-Za-z_-]+$/.test(entry.name) ? entry.name.replace(/[_-]/g, '').toLowerCase() : ''
    const field = (Object.keys(names) as Field[]).find((one) => names[one]!.includes(plain))
    if (field === undefined) continue
    if (found.has(field)) return null
    found.set(field, entry)
  }
  return found
}

/** One text or several; what is empty, or anything else, has no place on a line. */
function linesOf(found: Map<Field, Entry>): ArgumentForm['lines'] {
  return lineFields.flatMap((field) => {
    const value = found.get(field)?.value
    const values = Array.isArray(value) ? value : [value]
    const isPlain = values.length > 0 && values.every((one) => typeof one === 'string' && one !== '')
    return isPlain ? [{ field, values }] : []
  })
}

const textsOf = (found: Map<Field, Entry>): ArgumentForm['texts'] =>
  textFields.flatMap((field) => {
    const text = found.get(field)?.value
    return typeof text === 'string' && text !== '' ? [{ field, text }] : []
  })

function restOf(
  entries: Entry[],
  taken: readonly { field: Field }[],
  found: Map<Field, Entry>,
): string | null {
  const used = new Set<Entry | undefined>(taken.map(({ field }) => found.get(field)))
  const rest = entries.filter((entry) => !used.has(entry)).map(({ lines }) => lines.join('\n'))
  return rest.length === 0 ? null : `{\n${rest.join('\n').replace(/,$/, '')}\n}`
}
