import { say } from '../../../locales/say.ts'
import { shownJson } from '../../../src/contract/agreed/visible-text.ts'
import { timeOf } from '../../../src/contract/agreed/words/local-time.ts'
import type { Severity, TimelineEvent } from '../../../src/contract/timeline.ts'
import { Badge, type BadgeTone } from '../../ui/badge.tsx'
import { LongText } from '../../ui/long-text.tsx'
import { Plain } from '../../ui/plain.tsx'
import styles from './timeline-page.module.css'

const TONES: Record<Severity, BadgeTone> = {
  info: 'neutral',
  minor: 'busy',
  major: 'warn',
  critical: 'danger',
}

/** One event; what was sent with it is behind a press on it. */
export function EventRow({ event }: { event: TimelineEvent }) {
  const { at, title, kind, environment, version, severity, isExample } = event
  return (
    <li>
      <details className={styles.event}>
        <summary className={styles.line}>
          <time className={styles.time} dateTime={new Date(at).toISOString()}>
            {timeOf(at)}
          </time>
          <span className={styles.what}>
            <span className={styles.title}>
              <Plain text={title} longest={300} />
            </span>
            <span className={styles.badges}>
              {isExample && <Badge tone="busy">{say('timeline.isExample')}</Badge>}
              <Badge>
                <Plain text={kind} />
              </Badge>
              {environment !== null && (
                <Badge>
                  <Plain text={environment} longest={40} />
                </Badge>
              )}
              {version !== null && (
                <Badge>
                  <Plain text={version} longest={40} />
                </Badge>
              )}
              {severity !== null && severity !== 'info' && (
                <Badge tone={TONES[severity]} dot>
                  {say(`timeline.severity.${severity}`)}
                </Badge>
              )}
            </span>
          </span>
        </summary>
        <Details event={event} />
      </details>
    </li>
  )
}

function Details({ event }: { event: TimelineEvent }) {
  const { source, type, eventId, subject, metric, value, data } = event
  const facts: [string, string | null][] = [
    [say('timeline.fact.source'), source],
    [say('timeline.fact.type'), type],
    [say('timeline.fact.id'), eventId],
    [say('timeline.fact.subject'), subject],
    [say('timeline.fact.measured'), metric === null ? null : `${metric} = ${value}`],
  ]
  return (
    <div className={styles.details}>
      <dl className={styles.facts}>
        {facts.map(
          ([name, text]) =>
            text !== null && (
              <div key={name}>
                <dt>{name}</dt>
                <dd>
                  <Plain text={text} longest={500} />
                </dd>
              </div>
            ),
        )}
      </dl>
      {data !== null && (
        <LongText label={say('timeline.fact.data')} text={shownJson(JSON.parse(data), 2)} codes="json" />
      )}
    </div>
  )
}
