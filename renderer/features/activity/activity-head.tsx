import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { say } from '../../../locales/say.ts'
import styles from './activity-head.module.css'

const TABS = [
  { to: '/activity', name: 'log' },
  { to: '/activity/diary', name: 'diary' },
  { to: '/activity/usage', name: 'usage' },
] as const

/** The three ways to look at what was called. `lead`: what this one shows. */
export function ActivityHead({ lead, children }: { lead: string; children?: ReactNode }) {
  return (
    <header className={styles.head}>
      <div className={styles.words}>
        <h1 className={styles.title}>{say('activity.title')}</h1>
        <p className={styles.lead}>{lead}</p>
      </div>
      {children && <div className={styles.tools}>{children}</div>}
      <nav className={styles.tabs} aria-label={say('activity.tabs.label')}>
        {TABS.map(({ to, name }) => (
          <Link key={to} to={to} className={styles.tab} activeOptions={{ exact: true, includeSearch: false }}>
            {say(`activity.tabs.${name}`)}
          </Link>
        ))}
      </nav>
    </header>
  )
}
