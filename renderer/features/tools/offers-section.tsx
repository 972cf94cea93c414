import { useState } from 'react'
import { say } from '../../../locales/say.ts'
import type { Offer } from '../../../src/contract/tools.ts'
import { useCall } from '../../pipe/host.tsx'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/page.tsx'
import { LONGEST_TITLE, Plain } from '../../ui/plain.tsx'
import { Small } from '../../ui/text.tsx'
import styles from './tools-page.module.css'

/** More are behind a button. */
const SHOWN = 6

/** What assistants are offered beside tools; nothing at all where there is nothing. */
export function OffersSection() {
  const offers = useCall('tools.offers', undefined)
  const prompts = offers.data?.filter(({ kind }) => kind === 'prompt') ?? []
  const resources = offers.data?.filter(({ kind }) => kind !== 'prompt') ?? []
  return (
    <>
      {prompts.length > 0 && (
        <OfferList title={say('tools.prompts')} text={say('tools.promptsText')} offers={prompts} />
      )}
      {resources.length > 0 && (
        <OfferList title={say('tools.resources')} text={say('tools.resourcesText')} offers={resources} />
      )}
    </>
  )
}

function OfferList({ title, text, offers }: { title: string; text: string; offers: readonly Offer[] }) {
  const [all, setAll] = useState(false)
  const shown = all ? offers : offers.slice(0, SHOWN)
  return (
    <Card className={styles.group} label={title}>
      <header className={styles.head}>
        <div className={styles.who}>
          <h2 className={styles.title}>{title}</h2>
          <Small>{text}</Small>
        </div>
      </header>
      <ul>
        {shown.map((offer) => (
          <OfferRow key={`${offer.sourceId} ${offer.kind} ${offer.key}`} offer={offer} />
        ))}
      </ul>
      {shown.length < offers.length && (
        <div className={styles.more}>
          <Button
            intent="quiet"
            size="small"
            aria-label={say('tools.showAllOffersOf', { count: offers.length, title })}
            onClick={() => setAll(true)}
          >
            {say('tools.showAllOffers', { count: offers.length })}
          </Button>
        </div>
      )}
    </Card>
  )
}

function OfferRow({ offer }: { offer: Offer }) {
  return (
    <li className={styles.tool}>
      <div className={styles['tool-words']}>
        <p className={styles['tool-title']}>
          <Plain text={offer.title} longest={LONGEST_TITLE} />
          <Badge>
            <Plain text={offer.source} longest={LONGEST_TITLE} />
          </Badge>
        </p>
        {offer.description && (
          <p className={styles.text}>
            <Plain text={offer.description} longest={400} />
          </p>
        )}
        <p className={styles.names}>
          <code className={styles.name}>
            <Plain text={offer.key} longest={200} />
          </code>
          {offer.arguments.length > 0 && (
            <span>
              <Plain text={say('tools.canBeTold', { names: offer.arguments.join(', ') })} />
            </span>
          )}
        </p>
      </div>
    </li>
  )
}
