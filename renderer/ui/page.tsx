import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { say } from '../../locales/say.ts'
import { problemOf } from '../pipe/host.tsx'
import { Button, Spinner } from './button.tsx'
import { cx } from './cx.ts'
import { Icon, type IconName } from './icon.tsx'
import styles from './page.module.css'
import { LONGEST_TITLE, Plain, plain, plainLabel } from './plain.tsx'
import { Problem } from './problem.tsx'
import { Small } from './text.tsx'

export function Page({ title, lead, action, above, children }: PageProps) {
  return (
    <div className={styles.page}>
      {above}
      <header className={styles.head}>
        <div className={styles.words}>
          <h1 className={styles.title}>
            <Plain text={title} longest={LONGEST_TITLE} />
          </h1>
          {lead && <p className={styles.lead}>{plain(lead)}</p>}
        </div>
        {action}
      </header>
      {children}
    </div>
  )
}

/** Over the title: where one came from. */
export function BackLink({ to, children }: { to: '/' | '/tools'; children: ReactNode }) {
  return (
    <Link to={to} className={styles.back}>
      <Icon name="back" size={16} /> {children}
    </Link>
  )
}

interface PageProps {
  title: string
  lead?: ReactNode
  action?: ReactNode
  /** A way back, over the title. */
  above?: ReactNode
  children: ReactNode
}

interface CardProps {
  /** For lines of text and controls, one below the other, and how close; left out where the content brings its own space. */
  lines?: 'close' | 'apart'
  className?: string
  children: ReactNode
  label?: string
}

export function Card({ lines, className, children, label }: CardProps) {
  return (
    <section
      className={cx(styles.card, lines && styles.lines, lines && styles[lines], className)}
      aria-label={label && plainLabel(label)}
    >
      {children}
    </section>
  )
}

/** A line of a card: what can be set, what it means, and what sets it. */
export function Setting({ title, text, children }: { title: string; text: ReactNode; children: ReactNode }) {
  return (
    <div className={styles.setting}>
      <div>
        <p className={styles['setting-title']}>{title}</p>
        <Small narrow>{text}</Small>
      </div>
      {children}
    </div>
  )
}

interface SectionProps {
  title: string
  text?: ReactNode
  action?: ReactNode
  children?: ReactNode
}

/** A part of a page under a heading of its own. */
export function Section({ title, text, action, children }: SectionProps) {
  return (
    <section className={styles.section} aria-label={title}>
      <header className={styles['section-head']}>
        <div className={styles.words}>
          <h2 className={styles['section-title']}>{title}</h2>
          {text && <Small narrow>{plain(text)}</Small>}
        </div>
        {action}
      </header>
      {children}
    </section>
  )
}

interface EmptyProps {
  icon: IconName
  title: string
  text: ReactNode
  action?: ReactNode
}

/** Instead of an empty list: what will be here, and what to do now. */
export function Empty({ icon, title, text, action }: EmptyProps) {
  return (
    <div className={styles.empty}>
      <Icon name={icon} size={32} />
      <h2 className={styles['empty-title']}>{title}</h2>
      <p className={styles['empty-text']}>{plain(text)}</p>
      {action && <div className={styles['empty-action']}>{action}</div>}
    </div>
  )
}

interface Asked {
  isPending: boolean
  error: unknown
  refetch(): unknown
}

/** In place of data that is not there yet, or cannot be had; null once it is. */
export function Waiting({ on }: { on: Asked }) {
  if (on.error)
    return (
      <Problem
        problem={problemOf(on.error)}
        action={
          <Button size="small" onClick={() => void on.refetch()}>
            {say('common.tryAgain')}
          </Button>
        }
      />
    )
  if (!on.isPending) return null
  return (
    <div className={styles.loading} role="status">
      <Spinner />
      {say('common.oneMoment')}
    </div>
  )
}
