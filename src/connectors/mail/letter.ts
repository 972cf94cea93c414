import type { FetchMessageObject, MessageAddressObject, MessageStructureObject } from 'imapflow'
import { visibleLine, visibleText, withoutSmuggled } from '../../contract/agreed/visible-text.ts'
import { NotRead, type ReadingThread } from '../reading/reading-thread.ts'
import type { Mailbox } from './mailbox.ts'

/** What there is to know of a mail without reading it. */
export interface Head {
  id: string
  from: string
  to: string
  subject: string
  date: string
  unread: boolean
  bytes: number
}

/** Everything in a mail is a stranger's. */
const told = (text: string, longest = 200) =>
  visibleLine(text.slice(0, 4 * longest).replace(/\s+/g, ' '), longest)

/** Of one mail in one folder; another one never gets it (RFC 9051 §2.3.1.1). */
export const idOf = (folder: string, uidValidity: bigint, uid: number) => `${uid}.${uidValidity}.${folder}`

export function placeOf(id: string): { folder: string; uidValidity: bigint; uid: number } | null {
  const [, uid, validity, folder] = /^([1-9]\d{0,9})\.(\d{1,20})\.(\P{Cc}{1,500})$/u.exec(id) ?? []
  return folder === undefined ? null : { folder, uidValidity: BigInt(validity!), uid: Number(uid) }
}

const mostNamed = 10
function names(all: readonly MessageAddressObject[] | undefined): string {
  const some = (all ?? [])
    .slice(0, mostNamed)
    .map(({ name, address }) => (name ? `${name} <${address}>` : address))
  const more = (all?.length ?? 0) - mostNamed
  return told([...some, ...(more > 0 ? [`and ${more} others`] : [])].join(', '), 500)
}

const iso = (date: Date | string | undefined): string => {
  const at = new Date(date ?? Number.NaN)
  return Number.isNaN(at.getTime()) ? '' : at.toISOString()
}

export const headOf = (
  { uid, envelope, flags, size, internalDate }: FetchMessageObject,
  id: (uid: number) => string,
): Head => ({
  ...{
    id: id(uid),
    from: names(envelope?.from),
    to: names(envelope?.to),
    subject: told(envelope?.subject ?? ''),
  },
  ...{
    date: iso(envelope?.date) || iso(internalDate),
    unread: flags?.has('\\Seen') !== true,
    bytes: size ?? 0,
  },
})

interface Attachment {
  name: string
  type: string
  bytes: number
}
interface TextPart {
  part: string
  isHtml: boolean
}
/** The same in several forms (RFC 2046 §5.1.4): the first that says anything is read. */
interface Forms {
  forms: Texts[]
}
/** In the order in which they are read. */
type Texts = (TextPart | Forms)[]

const mostAttachments = 50
/** Of one part, in bytes. */
const largestPart = 400_000
/** Of a mail. */
const mostParts = 20
/** One that cannot be read may have taken seconds, and counts as so many. */
const unreadableCounts = 6
/** Of all parts together, which is as far as pages go; in UTF-16 units. */
const longestText = 2_000_000
const notAll = '\n\n[More of this mail was not read.]'

const bytesOf = (size: number | undefined) =>
  size !== undefined && Number.isSafeInteger(size) ? Math.max(0, size) : 0

function textsOf(node: MessageStructureObject, attachments: Attachment[]): Texts {
  if (node.childNodes && node.type !== 'message/rfc822') {
    const all = node.childNodes.map((child) => textsOf(child, attachments))
    if (node.type !== 'multipart/alternative') return all.flat()
    // Nothing hides in plain text.
    return [{ forms: all.toSorted((a, b) => Number(hasHtml(a)) - Number(hasHtml(b))) }]
  }
  const name = node.dispositionParameters?.filename ?? node.parameters?.name
  const isText = node.disposition !== 'attachment' && name === undefined
  if (isText && (node.type === 'text/plain' || node.type === 'text/html'))
    return [{ part: node.part ?? '1', isHtml: node.type === 'text/html' }]
  if (!node.type.startsWith('multipart/') && attachments.length < mostAttachments)
    attachments.push({ name: told(name ?? ''), type: told(node.type, 100), bytes: bytesOf(node.size) })
  return []
}
const hasHtml = (texts: Texts): boolean =>
  texts.some((one) => ('forms' in one ? one.forms.some(hasHtml) : one.isHtml))

/** What a mail says, without its attachments: its texts one after the other, and what its HTML says where there is no text for that. */
export async function letterOf(mail: FetchMessageObject, box: Mailbox, thread: ReadingThread) {
  const attachments: Attachment[] = []
  const texts = textsOf(mail.bodyStructure ?? { type: 'text/plain', part: '1' }, attachments)
  const letter = new Letter(mail.uid, box, thread)
  const text = (await letter.read(texts)).join('\n\n')
  const isAll = letter.isAll && text.length <= longestText
  return { text: isAll ? text : text.slice(0, longestText - notAll.length) + notAll, attachments }
}

/** Reads the texts of one mail, as many as one may have. */
class Letter {
  readonly #uid: number
  readonly #box: Mailbox
  readonly #thread: ReadingThread
  #parts = mostParts
  #length = longestText
  isAll = true

  constructor(uid: number, box: Mailbox, thread: ReadingThread) {
    this.#uid = uid
    this.#box = box
    this.#thread = thread
  }

  /** Those that say anything. */
  async read(texts: Texts): Promise<string[]> {
    const said: string[] = []
    for (const one of texts) {
      const found = 'forms' in one ? await this.#first(one.forms) : [await this.#part(one)]
      said.push(...found.filter((text) => text !== ''))
    }
    return said
  }

  async #first(forms: readonly Texts[]): Promise<string[]> {
    for (const one of forms) {
      const said = await this.read(one)
      if (said.length > 0) return said
    }
    return []
  }

  async #part({ part, isHtml }: TextPart): Promise<string> {
    if (this.#parts <= 0 || this.#length <= 0) {
      this.isAll = false
      return ''
    }
    this.#parts -= 1
    const written = await this.#box.text(this.#uid, part, largestPart)
    if (Buffer.byteLength(written) >= largestPart) this.isAll = false
    const text = (isHtml ? await this.#html(written) : written).replace(/\r\n?/g, '\n').trim()
    this.#length -= text.length
    return text
  }

  async #html(written: string): Promise<string> {
    try {
      return await this.#thread.read('html', written)
    } catch (error) {
      if (!(error instanceof NotRead)) throw error
      this.#parts -= unreadableCounts
      return '[This part of the mail cannot be read.]'
    }
  }
}

/** Of a text from there on: `next` is where the rest begins, null where there is none. */
export function pageOf(text: string, from: number, length: number): { text: string; next: number | null } {
  const isHalf = (at: number) => /[\ud800-\udbff]/.test(text[at - 1] ?? '')
  const end = from + length - (isHalf(from + length) ? 1 : 0)
  return { text: visibleText(withoutSmuggled(text.slice(from, end))), next: text.length > end ? end : null }
}
