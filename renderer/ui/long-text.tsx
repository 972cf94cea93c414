import { memo, type ReactNode, type Ref, useEffect, useMemo, useRef, useState } from 'react'
import { cx } from './cx.ts'
import styles from './long-text.module.css'
import { Marked } from './marked.tsx'
import { ScrollBox } from './scroll-box.tsx'

interface LongTextProps {
  /** What is read out for the box. */
  label: string
  /** JSON of `shownJson`, or text of `visibleText`: megabytes of it, too. */
  text: string
  codes: 'text' | 'json'
  className?: string | undefined
  /** At its end, within the box. */
  end?: ReactNode
  ref?: Ref<HTMLElement>
}

/** A box of strangers' text, to be scrolled with the keyboard too. Nothing in it leaves the box or looks like more than text. */
export function LongText({ label, text, codes, className, end, ref }: LongTextProps) {
  const chunks = useMemo(() => chunksOf(text), [text])
  return (
    <ScrollBox label={label} className={cx(styles.text, className)} ref={ref}>
      {chunks.map((chunk, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: chunks have no other identity than their place
        <Chunk key={index} text={chunk} codes={codes} last={index >= chunks.length - LAST} />
      ))}
      {end}
    </ScrollBox>
  )
}

/** Always laid out, more than a box shows: otherwise the end would move away from whoever jumps there. */
const LAST = 4

interface ChunkProps {
  text: string
  codes: 'text' | 'json'
  last: boolean
}

/** The browser lays out only those in sight; only they are marked, for a million characters can be as many marks. */
const Chunk = memo(function Chunk({ text, codes, last }: ChunkProps) {
  const chunk = useRef<HTMLDivElement>(null)
  const near = useNear(chunk)
  return (
    <div ref={chunk} className={cx(styles.chunk, last && styles.last)}>
      {near ? <Marked text={text} codes={codes} /> : text}
    </div>
  )
})

/** Whether it was in sight of the box around it, or soon would have been. */
function useNear(part: { current: HTMLElement | null }): boolean {
  const [near, setNear] = useState(false)
  useEffect(() => {
    if (near || !part.current) return
    const observer = new IntersectionObserver(
      (entries) => entries.some((entry) => entry.isIntersecting) && setNear(true),
      { root: part.current.parentElement, rootMargin: '600px 0px' },
    )
    observer.observe(part.current)
    return () => observer.disconnect()
  }, [near, part])
  return near
}

/** Up to 2,000 characters; an escape is one. */
const chunk = /(?:\\u[\da-f]{4}|\\.|.){1,2000}/suy

/** Joined they are the text. Cut at ends of lines where there are any, never within an escape. */
export function chunksOf(text: string): string[] {
  const chunks: string[] = []
  for (let at = 0; at < text.length; ) {
    chunk.lastIndex = at
    const most = chunk.exec(text)![0]
    const lines = at + most.length < text.length ? most.lastIndexOf('\n') + 1 : 0
    chunks.push(lines > 0 ? most.slice(0, lines) : most)
    at += chunks.at(-1)!.length
  }
  return chunks
}
