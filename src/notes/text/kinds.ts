/** What a document is, by the end of its name. */
const kinds = {
  md: 'markdown',
  markdown: 'markdown',
  mdx: 'markdown',
  txt: 'text',
  text: 'text',
  rst: 'text',
  org: 'text',
  adoc: 'text',
  tex: 'text',
  csv: 'text',
  tsv: 'text',
  html: 'html',
  htm: 'html',
  xhtml: 'html',
  pdf: 'pdf',
  docx: 'docx',
  odt: 'odt',
  ods: 'odt',
  odp: 'odt',
  epub: 'epub',
  xlsx: 'xlsx',
  rtf: 'rtf',
  eml: 'mail',
  mbox: 'mailbox',
  ics: 'calendar',
  vcf: 'contacts',
} as const

export type Kind = (typeof kinds)[keyof typeof kinds]

export function kindOf(name: string): Kind | null {
  const end = name.slice(name.lastIndexOf('.') + 1).toLowerCase()
  return name.includes('.') && Object.hasOwn(kinds, end) ? kinds[end as keyof typeof kinds] : null
}
