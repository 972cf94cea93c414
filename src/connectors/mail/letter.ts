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
interface Parts {
  plain: string[]
  html: string[]
  attachments: Attachment[]
}

const mostAttachments = 50
/** Of one part, in bytes. */
const largestPart = 400_000
const mostParts = 5

function partsOf(node: MessageStructureObject, found: Parts): Parts {
  if (node.childNodes && node.type !== 'message/rfc822') {
    for (const child of node.childNodes) partsOf(child, found)
    return found
  }
  const name = node.dispositionParameters?.filename ?? node.parameters?.name
  const part = node.part ?? '1'
  const isText = node.disposition !== 'attachment' && name === undefined
  if (isText && node.type === 'text/plain') found.plain.push(part)
  else if (isText && node.type === 'text/html') found.html.push(part)
  else if (!node.type.startsWith('multipart/') && found.attachments.length < mostAttachments)
    found.attachments.push({ name: told(name ?? ''), type: told(node.type, 100), bytes: node.size ?? 0 })
  return found
}

/** What a mail says, without its attachments: as text, or else what its HTML says. */
export async function letterOf(mail: FetchMessageObject, box: Mailbox, thread: ReadingThread) {
  const { plain, html, attachments } = partsOf(mail.bodyStructure ?? { type: 'text/plain', part: '1' }, {
    ...{ plain: [], html: [], attachments: [] },
  })
  const all = async (parts: readonly string[]) => {
    const texts: string[] = []
    for (const part of parts.slice(0, mostParts)) texts.push(await box.text(mail.uid, part, largestPart))
    return texts
  }
  const written = (await all(plain)).join('\n').trim()
  const text = written.length > 0 ? written : (await htmlTexts(await all(html), thread)).join('\n\n')
  return { text: text.replace(/\r\n?/g, '\n'), attachments }
}

/** Of a text from there on: `next` is where the rest begins, null where there is none. */
export function pageOf(text: string, from: number, length: number): { text: string; next: number | null } {
  const isHalf = (at: number) => /[\ud800-\udbff]/.test(text[at - 1] ?? '')
  const end = from + length - (isHalf(from + length) ? 1 : 0)
  return { text: visibleText(withoutSmuggled(text.slice(from, end))), next: text.length > end ? end : null }
}

async function htmlTexts(all: readonly string[], thread: ReadingThread): Promise<string[]> {
  const texts: string[] = []
  for (const one of all)
    try {
      texts.push(await thread.read('html', one))
    } catch (error) {
      if (!(error instanceof NotRead)) throw error
      texts.push('[This part of the mail cannot be read.]')
    }
  return texts
}
