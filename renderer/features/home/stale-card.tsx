import { say } from '../../../locales/say.ts'
import type { Grant } from '../../../src/contract/access.ts'
import { freshFor, staleAdvice, withOldList } from '../../../src/contract/agreed/stale-list.ts'
import type { Bridge } from '../../../src/contract/status.ts'
import { CopyField } from '../../ui/copy-field.tsx'
import { useNow } from '../../ui/hooks/use-now.ts'
import { Card } from '../../ui/page.tsx'
import { LONGEST_TITLE, Plain } from '../../ui/plain.tsx'
import { Small } from '../../ui/text.tsx'
import { servedWords } from '../../words/served.ts'
import styles from './home-page.module.css'

/** Who works with an old list of tools, and what to press there. Each goes away when it fetched today's. */
export function StaleCard({ grants, bridge }: { grants: Grant[]; bridge: Bridge }) {
  const now = useNow(60_000)
  const stale = withOldList(grants, now)
  const fresh = freshFor(bridge, now)
  if (stale.length === 0) return null
  return (
    <Card className={styles.card} label={say('home.stale.title')}>
      <h2 className={styles.heading}>{say('home.stale.title')}</h2>
      <Small>{say('home.stale.text', { count: stale.length })}</Small>
      <ul className={styles.people}>
        {stale.map((grant) => (
          <li key={grant.id} className={styles.mover}>
            <div className={styles['mover-words']}>
              <p className={styles.strong}>
                <Plain text={grant.name} longest={LONGEST_TITLE} />
              </p>
              <Small>{staleAdvice(grant, now)}</Small>
              {grant.served && <Small>{servedWords(grant.served, now)}</Small>}
            </div>
          </li>
        ))}
      </ul>
      {fresh !== null && (
        <details>
          <summary>{say('home.stale.still')}</summary>
          <Small>{say('home.stale.fresh')}</Small>
          <CopyField label={say('home.stale.freshAddress')} value={fresh} />
        </details>
      )}
    </Card>
  )
}
