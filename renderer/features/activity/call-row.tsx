import { memo } from 'react'
import type { Call } from '../../../src/contract/activity.ts'
import { visibleLine } from '../../../src/contract/agreed/visible-text.ts'
import { Dot } from '../../ui/badge.tsx'
import { cx } from '../../ui/cx.ts'
import { LONGEST_TITLE, Plain } from '../../ui/plain.tsx'
import { outcomeWords } from '../../words/access.ts'
import { moment, took } from '../../words/time.ts'
import styles from './activity-page.module.css'
import { ToolName } from './tool-name.tsx'

export const rowId = (id: string) => `call-${id}`

interface CallRowProps {
  call: Call
  /** What its tool calls itself. */
  title: string | undefined
  now: number
  top: number
  position: number
  /** -1 while it is not known how many there are. */
  count: number
  selected: boolean
  onSelect(id: string): void
}

export const CallRow = memo(function CallRow({
  call,
  title,
  now,
  top,
  position,
  count,
  selected,
  onSelect,
}: CallRowProps) {
  const outcome = outcomeWords(call)
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list itself takes the keys
    // biome-ignore lint/a11y/useFocusableInteractive: the list itself is focused and points here
    <div
      id={rowId(call.id)}
      className={styles.row}
      role="option"
      aria-selected={selected}
      aria-posinset={position}
      aria-setsize={count}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => onSelect(call.id)}
    >
      <span className={cx(styles.cell, styles.number)}>{moment(call.at, now)}</span>
      <span className={cx(styles.cell, styles.client)}>
        <Plain text={call.clientName} longest={LONGEST_TITLE} />
      </span>
      <span className={cx(styles.cell, styles.tool)} title={visibleLine(call.tool, 200)}>
        <ToolName tool={call.tool} title={title} />
      </span>
      <span className={cx(styles.cell, styles.source, styles.muted)}>
        <Plain text={call.source} longest={LONGEST_TITLE} />
      </span>
      <span className={cx(styles.cell, styles.outcome)} title={outcome.label}>
        <Dot tone={outcome.tone} />
        <span className={styles.words}>{outcome.label}</span>
      </span>
      <span className={cx(styles.cell, styles.number, styles.took)}>
        {call.duration === null ? '' : took(call.duration)}
      </span>
    </div>
  )
})
