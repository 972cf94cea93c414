import { type ReactNode, useEffect, useRef } from 'react'
import { problemOf } from '../pipe/host.tsx'
import { cx } from './cx.ts'
import { Icon } from './icon.tsx'
import { Plain } from './plain.tsx'
import styles from './problem.module.css'
import tones from './tones.module.css'

interface ProblemProps {
  problem: { message: string; hint?: string }
  tone?: 'danger' | 'warn' | 'info'
  /** Announced when it appears; off for things that were there all along. */
  announce?: boolean
  action?: ReactNode
  /** A small one, which stays beside the words on a narrow screen. */
  isInCorner?: boolean
}

/** What happened and what to do next, in place. */
export function Problem({ problem, tone = 'danger', announce = true, action, isInCorner }: ProblemProps) {
  return (
    <div className={cx(styles.problem, tones[tone])} role={announce ? 'alert' : undefined}>
      <Icon name={tone === 'info' ? 'info' : 'warning'} size={18} />
      <div className={styles.words}>
        <p className={styles.message}>
          <Plain text={problem.message} written="lines" />
        </p>
        {problem.hint && (
          <p>
            <Plain text={problem.hint} written="lines" />
          </p>
        )}
      </div>
      {action && <div className={cx(styles.action, isInCorner && styles.corner)}>{action}</div>}
    </div>
  )
}

/** Something to know that was there all along. */
export function Note({ tone = 'warn', ...problem }: ProblemProps['problem'] & Pick<ProblemProps, 'tone'>) {
  return <Problem tone={tone} announce={false} problem={problem} />
}

/** What was thrown, if anything. In a dialog that is too long to be seen at once it comes into sight. */
export function Failure({ of }: { of: unknown }) {
  const ref = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (of && ref.current?.closest('[data-over-page]')) ref.current.scrollIntoView({ block: 'nearest' })
  }, [of])
  return of ? (
    <div ref={ref}>
      <Problem problem={problemOf(of)} />
    </div>
  ) : null
}
