import { useState } from 'react'
import { say } from '../../../locales/say.ts'
import type { Need } from '../../../src/contract/agreed/needs.ts'
import { useDismiss } from '../../shell/notices.tsx'
import { Button, ButtonLink } from '../../ui/button.tsx'
import { useNow } from '../../ui/hooks/use-now.ts'
import { Card } from '../../ui/page.tsx'
import { Plain } from '../../ui/plain.tsx'
import { Small } from '../../ui/text.tsx'
import { countdown } from '../../words/time.ts'
import { takeUp } from '../approvals/put-aside.ts'
import styles from '../approvals/waiting-list.module.css'
import home from './home-page.module.css'

/** However much is wrong, the bridge below must stay in reach. */
const SHOWN = 6

/** Everything that only the user can set right, with the way there. Drafts have a card of their own. */
export function NeedsYou({ needs }: { needs: readonly Need[] }) {
  const listed = needs.filter(({ kind }) => kind !== 'draft')
  const [all, setAll] = useState(false)
  const now = useNow(
    1_000,
    listed.some(({ until }) => until !== null),
  )
  if (listed.length === 0) return null
  return (
    <Card className={styles.card} label={say('home.needs.needsYou')}>
      <h2 className={home['needs-title']}>{say('home.needs.needsYou')}</h2>
      <ul data-divided>
        {listed.slice(0, all ? listed.length : SHOWN).map((need) => (
          <li key={`${need.kind} ${need.id}`} className={styles.item}>
            <div className={styles.words}>
              <p className={styles.title}>
                <Plain text={need.title} written />
              </p>
              <Small>
                {need.kind === 'held-back' && need.until !== null ? (
                  <>
                    <Plain text={need.text} written />{' '}
                    {say('home.needs.overIn', { left: countdown(need.until, now) })}
                  </>
                ) : need.until === null ? (
                  <Plain text={need.text} written />
                ) : (
                  say('home.needs.waiting', { left: countdown(need.until, now) })
                )}
              </Small>
            </div>
            <Way need={need} />
          </li>
        ))}
      </ul>
      {listed.length > SHOWN && !all && (
        <div className={styles.rest}>
          <Button intent="quiet" size="small" onClick={() => setAll(true)}>
            {say('home.needs.showMore', { more: listed.length - SHOWN })}
          </Button>
        </div>
      )}
    </Card>
  )
}

/** What the user can do about it. */
function Way({ need: { kind, id } }: { need: Need }) {
  const dismiss = useDismiss()
  if (kind === 'connection' || kind === 'call')
    return (
      <Button intent="primary" onClick={() => takeUp(id)}>
        {say('home.needs.answer')}
      </Button>
    )
  if (kind === 'sign-in' || kind === 'server')
    return (
      <ButtonLink to="/tools/$id" params={{ id }}>
        {kind === 'sign-in' ? say('home.needs.signIn') : say('home.needs.lookAtIt')}
      </ButtonLink>
    )
  if (kind === 'held-back') return <ButtonLink to="/access">{say('home.needs.lookAtItsAccess')}</ButtonLink>
  if (kind === 'notice')
    return (
      <Button aria-label={say('home.needs.dismissThisNotice')} onClick={() => dismiss.mutate({ id })}>
        {say('home.needs.dismiss')}
      </Button>
    )
  const label = say(kind === 'moved' ? 'home.moved.title' : 'home.bridge.label')
  return (
    <Button onClick={() => lookAt(label)}>
      {kind === 'moved' ? say('common.showMeHow') : say('home.needs.whatICanDo')}
    </Button>
  )
}

/** The part of this page that goes by that name. */
function lookAt(label: string): void {
  const part = document.querySelector(`section[aria-label="${CSS.escape(label)}"]`)
  part?.scrollIntoView({ block: 'center' })
  part?.querySelector('button')?.focus({ preventScroll: true })
}
