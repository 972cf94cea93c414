import type { Grant } from '../../../src/contract/access.ts'
import type { Bridge } from '../../../src/contract/status.ts'
import { ButtonLink } from '../../ui/button.tsx'
import { CopyField } from '../../ui/copy-field.tsx'
import { Card } from '../../ui/page.tsx'
import { LONGEST_TITLE, Plain } from '../../ui/plain.tsx'
import { clientOf, leftBehind, moveAdvice, signsInWithBrowser } from '../../words/origin.ts'
import styles from './home-page.module.css'

/** After our address changed: for each that knows only the old one, what to do there. Gone once all have come back. */
export function MovedCard({ grants, bridge }: { grants: Grant[]; bridge: Bridge }) {
  const behind = leftBehind(grants, bridge)
  if (behind.length === 0 || bridge.publicUrl === null) return null
  return (
    <Card className={styles.card} label="Your address has changed">
      <h2 className={styles.heading}>Your address has changed</h2>
      <p className={styles.small}>
        {behind.length === 1 ? 'One app or key knows' : `${behind.length} apps and keys know`} only the old
        address. What you allowed stays as it was. Each line goes away when it has come back, or when you
        revoke it under Access.
      </p>
      <div className={styles.moved}>
        <CopyField label="New address" value={bridge.publicUrl} />
        <ul className={styles.people}>
          {behind.map((grant) => (
            <li key={grant.id} className={styles.mover}>
              <div className={styles['mover-words']}>
                <p className={styles.strong}>
                  <Plain text={grant.name} longest={LONGEST_TITLE} />
                </p>
                <p className={styles.small}>{moveAdvice(grant)}</p>
              </div>
              {signsInWithBrowser(grant) && (
                <ButtonLink size="small" to="/connect/$client" params={{ client: clientOf(grant) }}>
                  Show me how
                </ButtonLink>
              )}
            </li>
          ))}
        </ul>
      </div>
    </Card>
  )
}
