import type { ReactNode } from 'react'
import styles from './badge.module.css'
import { cx } from './cx.ts'
import tones from './tones.module.css'

export type BadgeTone = 'neutral' | 'ok' | 'warn' | 'danger' | 'busy'

export function Badge({
  tone = 'neutral',
  dot,
  children,
}: {
  tone?: BadgeTone
  dot?: boolean
  children: ReactNode
}) {
  return (
    <span className={cx(styles.badge, tones[tone])}>
      {dot && <Dot tone={tone} />}
      {children}
    </span>
  )
}

export function Dot({ tone }: { tone: BadgeTone }) {
  return <span className={cx(styles.dot, styles[tone])} aria-hidden="true" />
}
