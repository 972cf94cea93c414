import { memo, type ReactNode, type Ref, useMemo } from 'react'
import { cx } from '../../ui/cx.ts'
import { Marked } from '../../ui/marked.tsx'
import { ScrollBox } from '../../ui/scroll-box.tsx'
import styles from './arguments-tree.module.css'

/** More than that is read as text: nobody looks for names in it, and every line is an element. Characters. */
export const longestTree = 20_000
/** Deeper than that everything stands below one another. */
const deepest = 10
const stepPx = 14

interface TreeProps {
  label: string
  /** Of `shownJson`, with an indent of two. */
  text: string
  className?: string | undefined
  end?: ReactNode
  ref?: Ref<HTMLElement>
}

/**
 * JSON as names and values, one below the other, with the line breaks of its texts. Its characters are those of the JSON, in their
 * order: only how they look is another.
 */
export function ArgumentsTree({ label, text, className, end, ref }: TreeProps) {
  return (
    <ScrollBox label={label} className={cx(styles.tree, className)} ref={ref}>
      <Lines text={text} />
      {end}
    </ScrollBox>
  )
}

/** The same without a box around it. */
export function Lines({ text }: { text: string }) {
  const lines = useMemo(() => text.split('\n'), [text])
  return lines.map((line, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other identity than their place
    <Line key={index} line={line} />
  ))
}

const parts = /^( *)("(?:[^"\\]|\\.)*": )?(.*)$/s

const Line = memo(function Line({ line }: { line: string }) {
  const [, indent = '', name = '', value = ''] = parts.exec(line) ?? []
  // What is handed over is the outermost: its names stand at the edge.
  const depth = Math.min(Math.max(0, indent.length / 2 - 1), deepest)
  const isBracket = name === '' && /^[[\]{}]+,?$/.test(value)
  return (
    <div
      className={cx(styles.line, isBracket && styles.bracket)}
      style={{ paddingInlineStart: `${depth * stepPx}px` }}
    >
      {name !== '' && (
        <span className={styles.name}>
          <Marked text={name} codes="json" />
        </span>
      )}
      <span className={styles.value}>
        {value.startsWith('"') ? <Broken text={value} /> : <Marked text={value} codes="json" />}
      </span>
    </div>
  )
})

/** A text with the line breaks that it has. */
function Broken({ text }: { text: string }) {
  const pieces = useMemo(() => brokenLines(text), [text])
  return pieces.map((piece, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: pieces have no other identity than their place
    <span key={index} className={index < pieces.length - 1 ? styles.broken : undefined}>
      <Marked text={piece} codes="json" />
    </span>
  ))
}

/** Joined they are the text; each but the last ends in `\n`. */
function brokenLines(text: string): string[] {
  const pieces: string[] = []
  let from = 0
  for (const { 0: code, index } of text.matchAll(/\\(?:u[\da-fA-F]{4}|.)/gs)) {
    if (code !== '\\n') continue
    pieces.push(text.slice(from, index + 2))
    from = index + 2
  }
  return [...pieces, text.slice(from)]
}
