import type { UseQueryResult } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { say } from '../../../locales/say.ts'
import type { Grant } from '../../../src/contract/access.ts'
import { visibleText } from '../../../src/contract/agreed/visible-text.ts'
import type { BridgeState } from '../../../src/contract/status.ts'
import { Card, Waiting } from '../../ui/page.tsx'
import { LONGEST_TITLE, Plain } from '../../ui/plain.tsx'
import { Small } from '../../ui/text.tsx'
import { useNow } from '../../ui/use-now.ts'
import { grantsTitle } from '../../words/headline.ts'
import { ago } from '../../words/time.ts'
import styles from './home-page.module.css'

const SHOWN = 5

/** Who may come over the bridge, the most recently seen first. */
export function ConnectedCard({ grants, state }: { grants: UseQueryResult<Grant[]>; state: BridgeState }) {
  const now = useNow(30_000)
  const list = [...(grants.data ?? [])].sort((a, b) => (b.lastSeenAt ?? 0) - (a.lastSeenAt ?? 0))
  return (
    <Card className={styles.card}>
      <h2 className={styles.heading}>{grantsTitle(state)}</h2>
      <Waiting on={grants} />
      {grants.data && list.length === 0 && <Small>{say('home.connected.nobodyYetAssistantsYou')}</Small>}
      <ul className={styles.people}>
        {list.slice(0, SHOWN).map((grant) => (
          <li key={grant.id} className={styles.person}>
            <span className={styles.name} title={visibleText(grant.name)}>
              <Plain text={grant.name} longest={LONGEST_TITLE} />
            </span>
            <span className={styles.seen}>
              {grant.lastSeenAt === null
                ? say('home.connected.notUsed')
                : say(state === 'raised' ? 'home.connected.cutOff' : 'home.connected.lastSeen', {
                    when: ago(grant.lastSeenAt, now),
                  })}
            </span>
          </li>
        ))}
      </ul>
      {list.length > 0 && (
        <Link to="/access" className={styles.more}>
          {list.length > SHOWN
            ? say('home.connected.all', { count: list.length })
            : say('home.connected.mayDo')}
        </Link>
      )}
    </Card>
  )
}
