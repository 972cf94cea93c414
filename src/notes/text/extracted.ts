import type { LeftOut } from '../../contract/folders.ts'

/** A page, a chapter, a mail, a sheet. */
export interface Section {
  label: string
  text: string
}

export interface Extracted {
  title: string | null
  headings: readonly string[]
  /** As written: relative paths, names of notes, addresses. */
  links: readonly string[]
  sections: readonly Section[]
  /** There was more text than is kept. */
  isPartial: boolean
}

/** This one file cannot be read; the next one may. */
export class NotRead extends Error {
  readonly reason: LeftOut
  constructor(reason: LeftOut, detail?: string) {
    super(detail ?? reason)
    this.reason = reason
  }
}

export const limits = {
  /** Of a file, in bytes. */
  file: 64_000_000,
  /** What a packed file may unpack to in all, in bytes. */
  unpacked: 96_000_000,
  /** Files in one packed file. */
  entries: 10_000,
  /** Of a document, in UTF-16 units. */
  text: 2_000_000,
  sections: 3_000,
  headings: 500,
  links: 500,
  /** Of a title or a heading, in UTF-16 units. */
  line: 300,
} as const

/** What a date can say (ECMA-262, "Time Range"), in milliseconds; some file systems can say more. */
export const lastTime = 8.64e15

/** Gathers what was found in one document, within the limits. */
export class Gathered {
  title: string | null = null
  readonly headings: string[] = []
  readonly links: string[] = []
  readonly sections: Section[] = []
  isPartial = false
  #left: number = limits.text

  get isFull(): boolean {
    return this.#left <= 0 || this.sections.length >= limits.sections
  }

  section(label: string, text: string): void {
    const tidy = tidied(text)
    if (tidy === '') return
    if (this.isFull) {
      this.isPartial = true
      return
    }
    if (tidy.length > this.#left) this.isPartial = true
    this.sections.push({ label: oneLine(label), text: tidy.slice(0, this.#left) })
    this.#left -= tidy.length
  }

  heading(text: string): void {
    const line = oneLine(text)
    if (line !== '' && this.headings.length < limits.headings) this.headings.push(line)
  }

  link(target: string | undefined): void {
    if (target && target.length < 1_000 && this.links.length < limits.links) this.links.push(target)
  }

  done(): Extracted {
    const { headings, links, sections, isPartial } = this
    const title = oneLine(this.title ?? '') || null
    return { title, headings, links, sections, isPartial }
  }
}

export const oneLine = (text: string): string =>
  text
    .slice(0, 4 * limits.line)
    .normalize('NFC')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, limits.line)

/** Composed, so that what is found without accents stands at the same place with them. */
const tidied = (text: string): string =>
  text
    .slice(0, 2 * limits.text)
    .normalize('NFC')
    .replace(/\r\n?/g, '\n')
    .replaceAll('\0', '')
    .replace(/[ \t\u00a0]+/g, ' ')
    .replace(/ ?\n ?/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
