import PostalMime, { type Address, type Email } from 'postal-mime'
import { Gathered } from './extracted.ts'
import { fromHtml } from './markup.ts'

const options = { maxNestingDepth: 50, maxHeadersSize: 1_000_000 }

export async function fromMail(bytes: Uint8Array): Promise<Gathered> {
  const found = new Gathered()
  const mail = await PostalMime.parse(bytes, options)
  found.title = mail.subject ?? null
  found.section('', textOf(mail))
  return found
}

/** RFC 4155: mails one after another, each begun by a line `From `; a section for each. */
export async function fromMailbox(bytes: Uint8Array): Promise<Gathered> {
  const found = new Gathered()
  for (const [from, to] of mailsIn(bytes)) {
    if (found.isFull) {
      found.isPartial = true
      break
    }
    const mail = await PostalMime.parse(bytes.subarray(from, to), options).catch(() => null)
    if (mail === null) continue
    const subject = mail.subject ?? ''
    found.heading(subject)
    found.section(subject, textOf(mail))
  }
  return found
}

function* mailsIn(bytes: Uint8Array): Generator<[number, number]> {
  const mark = Buffer.from('\nFrom ')
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let start = all.subarray(0, 5).toString() === 'From ' ? 0 : -1
  if (start < 0) return
  for (;;) {
    const next = all.indexOf(mark, start)
    const end = next < 0 ? all.length : next
    yield [Math.min(all.indexOf(10, start) + 1 || end, end), end]
    if (next < 0) return
    start = next + 1
  }
}

function textOf(mail: Email): string {
  const names = (list: readonly Address[] | undefined) =>
    (list ?? [])
      .map(({ name, address }) => [name, address && `<${address}>`].filter(Boolean).join(' '))
      .join(', ')
  const files = mail.attachments.map(({ filename }) => filename).filter(Boolean)
  const body =
    mail.text ||
    (mail.html
      ? fromHtml(mail.html)
          .sections.map(({ text }) => text)
          .join('\n')
      : '')
  return [
    `Subject: ${mail.subject ?? ''}`,
    `From: ${names(mail.from ? [mail.from] : [])}`,
    `To: ${names(mail.to)}`,
    ...(mail.cc?.length ? [`Cc: ${names(mail.cc)}`] : []),
    `Date: ${mail.date ?? ''}`,
    ...(files.length > 0 ? [`Attachments: ${files.join(', ')}`] : []),
    '',
    body,
  ].join('\n')
}
