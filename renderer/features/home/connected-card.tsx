import type { UseQueryResult } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { say } from '../../../locales/say.ts'
import type { Grant } from '../../../src/contract/access.ts'
import { visibleText } from '../../../src/contract/agreed/visible-text.ts'
import type { BridgeState } from '../../../src/contract/status.ts'
import { Button } from '../../ui/button.tsx'
import { useNow } from '../../ui/hooks/use-now.ts'
import { Card, Waiting } from '../../ui/page.tsx'
import { LONGEST_TITLE, Plain } from '../../ui/plain.tsx'
import { Small } from '../../ui/text.tsx'
import { grantsTitle } from '../../words/headline.ts'
import { ago, clockTime } from '../../words/time.ts'
import { isPaused, PauseButton } from '../access/pause-button.tsx'
import { RevokeDialog } from '../access/revoke-dialog.tsx'
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
          <Person key={grant.id} grant={grant} state={state} now={now} />
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

function Person({ grant, state, now }: { grant: Grant; state: BridgeState; now: number }) {
  const [revoking, setRevoking] = useState(false)
  return (
    <li className={styles.person}>
      <div className={styles['person-words']}>
        <span className={styles.name} title={visibleText(grant.name)}>
          <Plain text={grant.name} longest={LONGEST_TITLE} />
        </span>
        <span className={styles.seen}>{standing(grant, state, now)}</span>
      </div>
      <div className={styles['person-buttons']}>
        <PauseButton grant={grant} now={now} />
        <Button
          intent="quiet-danger"
          size="small"
          onClick={() => setRevoking(true)}
          aria-label={say('access.grant.revokeName', { name: grant.name })}
        >
          {say('access.grant.revoke')}
        </Button>
      </div>
      {revoking && <RevokeDialog grant={grant} onClose={() => setRevoking(false)} />}
    </li>
  )
}

function standing(grant: Grant, state: BridgeState, now: number): string {
  if (isPaused(grant, now)) return say('home.connected.paused', { time: clockTime(grant.pausedUntil!, now) })
  if (grant.lastSeenAt === null) return say('home.connected.notUsed')
  return say(state === 'raised' ? 'home.connected.cutOff' : 'home.connected.lastSeen', {
    when: ago(grant.lastSeenAt, now),
  })
}
