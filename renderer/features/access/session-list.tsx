import { say } from '../../../locales/say.ts'
import type { Session } from '../../../src/contract/access.ts'
import type { Bridge } from '../../../src/contract/status.ts'
import { Plain } from '../../ui/plain.tsx'
import { Small } from '../../ui/text.tsx'
import { originWords } from '../../words/origin.ts'
import { ago, day } from '../../words/time.ts'
import styles from './access-page.module.css'

interface SessionListProps {
  sessions: Session[]
  bridge: Bridge | undefined
  now: number
}

/** Where an app is signed in: each line a device or an account. */
export function SessionList({ sessions, bridge, now }: SessionListProps) {
  return (
    <section aria-label={say('access.session.whereItIsSigned')}>
      <h3 className={styles['part-title']}>{say('access.session.whereItIsSigned')}</h3>
      {sessions.length === 0 ? (
        <Small>{say('access.session.nowhereItMustAsk')}</Small>
      ) : (
        <ul data-divided className={styles.sessions}>
          {sessions.map((session) => (
            <li key={session.id} className={styles.session}>
              <span>
                <Plain text={bridge ? upper(originWords(session.origin, bridge)) : session.origin} />
              </span>
              <Small inline>
                {session.lastUsedAt === null
                  ? say('access.session.notUsed', { since: day(session.startedAt) })
                  : say('access.session.used', {
                      since: day(session.startedAt),
                      when: ago(session.lastUsedAt, now),
                    })}
              </Small>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

const upper = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)
