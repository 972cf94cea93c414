import { say } from '../../../locales/say.ts'
import type { Grant } from '../../../src/contract/access.ts'
import type { Bridge } from '../../../src/contract/status.ts'
import { ButtonLink } from '../../ui/button.tsx'
import { Card } from '../../ui/page.tsx'
import { LONGEST_TITLE, Plain } from '../../ui/plain.tsx'
import { Buttons, Small } from '../../ui/text.tsx'
import { leftBehind, moveAdvice } from '../../words/origin.ts'
import { PublicField } from '../address/public-field.tsx'
import styles from './home-page.module.css'

/** After our address changed: for each that knows only the old one, what to do there. Gone once all have come back. */
export function MovedCard({ grants, bridge }: { grants: Grant[]; bridge: Bridge }) {
  const behind = leftBehind(grants, bridge)
  if (behind.length === 0 || bridge.publicUrl === null) return null
  return (
    <Card className={styles.card} label={say('home.moved.title')}>
      <h2 className={styles.heading}>{say('home.moved.title')}</h2>
      <Small>{say('home.moved.text', { count: behind.length })}</Small>
      <div className={styles.moved}>
        <PublicField bridge={bridge} label={say('home.moved.newAddress')} />
        <ul className={styles.people}>
          {behind.map((grant) => (
            <li key={grant.id} className={styles.mover}>
              <div className={styles['mover-words']}>
                <p className={styles.strong}>
                  <Plain text={grant.name} longest={LONGEST_TITLE} />
                </p>
                <Small>{moveAdvice(grant)}</Small>
              </div>
            </li>
          ))}
        </ul>
        <Buttons>
          <ButtonLink to="/moved">{say('common.showMeHow')}</ButtonLink>
        </Buttons>
      </div>
    </Card>
  )
}
