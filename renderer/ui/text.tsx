import type { ReactNode } from 'react'
import { cx } from './cx.ts'
import styles from './text.module.css'

interface SmallProps {
  children: ReactNode
  /** Within a line. */
  inline?: boolean
  /** No wider than is easily read. */
  narrow?: boolean
  role?: 'status'
}

/** What is said beside the point. */
export function Small({ children, inline, narrow, role }: SmallProps) {
  const Part = inline ? 'span' : 'p'
  return (
    <Part className={cx(styles.small, narrow && styles.narrow)} role={role}>
      {children}
    </Part>
  )
}

/** Buttons beside each other, as far as there is room. */
export function Buttons({ children }: { children: ReactNode }) {
  return <div className={styles.buttons}>{children}</div>
}

/** For screen readers only. */
export function Spoken({ children, live }: { children: ReactNode; live?: 'polite' }) {
  const Part = live ? 'div' : 'span'
  return (
    <Part className={styles.spoken} aria-live={live}>
      {children}
    </Part>
  )
}
