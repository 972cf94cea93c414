import type { ReactNode } from 'react'
import styles from './check.module.css'
import { cx } from './cx.ts'
import { plain } from './plain.tsx'
import words from './text.module.css'

interface CheckProps {
  label: ReactNode
  /** A second line: what it means. */
  text?: ReactNode
  checked: boolean
  /** Some of what it stands for is on. */
  partly?: boolean
  strong?: boolean
  onChange(next: boolean): void
}

export function Check({ label, text, checked, partly = false, strong, onChange }: CheckProps) {
  return (
    <label className={styles.check}>
      <input
        ref={(input) => {
          // Only the property can say it; there is no attribute.
          if (input) input.indeterminate = partly
        }}
        type="checkbox"
        className={styles.box}
        checked={checked}
        onChange={(event) => onChange(event.target.checked)}
      />
      <span className={styles.words}>
        <span className={cx(strong && styles.strong)}>{plain(label)}</span>
        {text && <span className={words.meaning}>{plain(text)}</span>}
      </span>
    </label>
  )
}
