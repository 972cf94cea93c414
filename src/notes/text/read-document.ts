import { basename } from 'node:path'
import { type Extracted, type Gathered, NotRead } from './extracted.ts'
import type { Kind } from './kinds.ts'
import { readWithin, textIn } from './read-file.ts'

/** What a file says. Each library is loaded with the first file that needs it. Throws NotRead. */
export async function readDocument(root: string, path: string, kind: Kind): Promise<Extracted> {
  const bytes = await readWithin(root, path)
  const found = await readers[kind](bytes)
  if (found.sections.some(({ text }) => privateKey.test(text))) throw new NotRead('secret')
  found.title ??= basename(path).replace(/\.[^.]+$/, '')
  return found.done()
}

/** RFC 7468 §10 and §11, and what OpenSSH and OpenPGP write. */
export const privateKey = /-----BEGIN (?:[A-Z]+ ){0,2}PRIVATE KEY(?: BLOCK)?-----/

const readers: Record<Kind, (bytes: Uint8Array) => Gathered | Promise<Gathered>> = {
  markdown: async (bytes) => (await import('./plain.ts')).fromMarkdown(textIn(bytes)),
  text: async (bytes) => (await import('./plain.ts')).fromText(textIn(bytes)),
  html: async (bytes) => (await import('./markup.ts')).fromHtml(textIn(bytes)),
  calendar: async (bytes) => (await import('./plain.ts')).fromContentLines(textIn(bytes)),
  contacts: async (bytes) => (await import('./plain.ts')).fromContentLines(textIn(bytes)),
  rtf: async (bytes) => (await import('./rtf.ts')).fromRtf(textIn(bytes)),
  pdf: async (bytes) => (await import('./pdf.ts')).fromPdf(bytes),
  docx: async (bytes) => (await import('./office.ts')).fromDocx(bytes),
  odt: async (bytes) => (await import('./office.ts')).fromOdt(bytes),
  xlsx: async (bytes) => (await import('./office.ts')).fromXlsx(bytes),
  epub: async (bytes) => (await import('./office.ts')).fromEpub(bytes),
  mail: async (bytes) => (await import('./mail.ts')).fromMail(bytes),
  mailbox: async (bytes) => (await import('./mail.ts')).fromMailbox(bytes),
}
