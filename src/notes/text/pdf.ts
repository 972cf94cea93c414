import { getDocumentProxy } from 'unpdf'
import { Gathered, limits, NotRead } from './extracted.ts'

/** A section for each page. Nothing of it is run (`isEvalSupported`), drawn or fetched. */
export async function fromPdf(bytes: Uint8Array): Promise<Gathered> {
  const found = new Gathered()
  const options = {
    isEvalSupported: false,
    disableFontFace: true,
    useSystemFonts: false,
    stopAtErrors: false,
    verbosity: 0,
  }
  const pdf = await getDocumentProxy(bytes, options).catch((error: Error) => {
    throw new NotRead('damaged', error.message)
  })
  const { info } = await pdf.getMetadata().catch(() => ({ info: {} }))
  const { Title } = info as { Title?: unknown }
  if (typeof Title === 'string' && !/^(?:untitled|microsoft word - )/i.test(Title)) found.title = Title
  for (let number = 1; number <= pdf.numPages && !found.isFull; number += 1) {
    const page = await pdf.getPage(number)
    const { items } = await page.getTextContent()
    const text = items.map((item) => ('str' in item ? `${item.str}${item.hasEOL ? '\n' : ''}` : '')).join('')
    // A word that goes on in the next line.
    found.section(`Page ${number}`, text.replace(/(\p{Ll})-\n(?=\p{Ll})/gu, '$1'))
    page.cleanup()
  }
  if (pdf.numPages > limits.sections) found.isPartial = true
  return found
}
