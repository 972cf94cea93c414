import type { ReactNode } from 'react'
import { cx } from './cx.ts'
import { Plain } from './plain.tsx'
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

/** The title of a step, and when or how long it was. */
export function StepTitle({ title, time }: { title: string; time: string | null }) {
  return (
    <h2 className={styles.step}>
      <Plain text={title} />
      {time !== null && <Small inline>{time}</Small>}
    </h2>
  )
}
