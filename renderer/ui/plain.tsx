import type { ReactNode } from 'react'
import {
  inQuotes,
  visibleLine,
  visibleText,
  writtenLine,
  writtenText,
} from '../../src/contract/agreed/visible-text.ts'
import { Marked } from './marked.tsx'
import styles from './plain.module.css'

/** How much of a stranger's name or title is shown: more would push away what it stands beside. */
export const LONGEST_TITLE = 80
/** The same, of a whole sentence with a name in it. */
export const LONGEST_LINE = 160

/** For labels that are only read out, and other places that take no more than text. */
export const plainLabel = (text: string): string => visibleLine(text, LONGEST_LINE)

interface PlainProps {
  text: string
  /** Of a name or title: one line of at most so many characters. */
  longest?: number
  /** A name as `Approval` has it: the host wrote it out already. `lines`: a text of several, of which breaks stay. */
  written?: boolean | 'lines'
}

/**
 * Text from outside as it really is: characters that would not be seen are written out as their codes, and it stays among
 * itself, whatever direction it is written in.
 */
export function Plain(props: PlainProps) {
  return (
    <span className={styles.plain}>
      <Marked text={shown(props)} codes="text" />
    </span>
  )
}

/** The same in quotation marks, which nothing in it can end. */
export function Quoted(props: PlainProps) {
  return (
    <span className={styles.plain}>
      <Marked text={inQuotes(shown(props))} codes="text" />
    </span>
  )
}

function shown({ text, longest, written }: PlainProps): string {
  if (written === 'lines') return writtenText(text)
  if (written) return writtenLine(text, longest)
  return longest === undefined ? visibleText(text) : visibleLine(text, longest)
}

/** A sentence of ours, with strangers' words in it, or something made of parts already. */
export const plain = (words: ReactNode, longest?: number): ReactNode =>
  typeof words === 'string' ? <Plain text={words} {...(longest && { longest })} /> : words
