import { Link } from '@tanstack/react-router'
import { say } from '../../../locales/say.ts'
import type { Call } from '../../../src/contract/activity.ts'
import { visibleLine } from '../../../src/contract/agreed/visible-text.ts'
import { Dot } from '../../ui/badge.tsx'
import { cx } from '../../ui/cx.ts'
import { useNow } from '../../ui/hooks/use-now.ts'
import { Card } from '../../ui/page.tsx'
import { LONGEST_TITLE, Plain } from '../../ui/plain.tsx'
import { outcomeWords } from '../../words/access.ts'
import { clockTime } from '../../words/time.ts'
import { useActivity } from '../activity/use-activity.ts'
import { useToolTitles } from '../activity/use-tool-titles.ts'
import styles from './home-page.module.css'

const SHOWN = 5

/** What was called last, as the tray shows it. Nothing while there is nothing: the log's own page explains itself. */
export function LastCalls() {
  const { calls } = useActivity('', undefined, SHOWN)
  const now = useNow(30_000)
  const titleOf = useToolTitles()
  if (calls.length === 0) return null
  return (
    <Card className={styles.card} label={say('home.lastCalls')}>
      <h2 className={styles.heading}>{say('home.lastCalls')}</h2>
      <ul className={styles.people}>
        {calls.slice(0, SHOWN).map((call) => (
          <OneCall key={call.id} call={call} title={titleOf(call)} now={now} />
        ))}
      </ul>
      <Link to="/activity" className={styles.more}>
        {say('home.allCalls')}
      </Link>
    </Card>
  )
}

function OneCall({ call, title, now }: { call: Call; title: string | undefined; now: number }) {
  const outcome = outcomeWords(call)
  return (
    <li className={styles.call}>
      <span className={styles.seen}>{clockTime(call.at, now)}</span>
      <span className={styles.name} title={visibleLine(`${call.clientName}: ${call.tool}`, 200)}>
        <Plain text={`${call.clientName}: ${title ?? call.tool}`} longest={LONGEST_TITLE} />
      </span>
      <span className={cx(styles.seen, styles.outcome)}>
        <Dot tone={outcome.tone} /> {outcome.label}
      </span>
    </li>
  )
}
