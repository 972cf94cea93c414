import { useState } from 'react'
import { say } from '../../../../locales/say.ts'
import type { Rule } from '../../../../src/contract/rules.ts'
import { useCall, useCommand } from '../../../pipe/host.tsx'
import { Badge } from '../../../ui/badge.tsx'
import { Button } from '../../../ui/button.tsx'
import { Card, Empty, Section, Waiting } from '../../../ui/page.tsx'
import { LONGEST_LINE, LONGEST_TITLE, Plain } from '../../../ui/plain.tsx'
import { ago, dayAndTime } from '../../../words/time.ts'
import { RuleDialog } from './rule-dialog.tsx'
import styles from './rules.module.css'

/** The owner's answers that hold for more than one call. */
export function RulesSection({ now }: { now: number }) {
  const rules = useCall('rules.list', undefined)
  return (
    <Section title={say('rules.title')} text={say('rules.lead')}>
      <Waiting on={rules} />
      {rules.data && (
        <Card className={styles.card}>
          {rules.data.length === 0 ? (
            <Empty icon="check" title={say('rules.emptyTitle')} text={say('rules.emptyText')} />
          ) : (
            <table className={styles.table}>
              <thead>
                <tr>
                  <th scope="col">{say('rules.what')}</th>
                  <th scope="col">{say('rules.forWhom')}</th>
                  <th scope="col">{say('rules.since')}</th>
                  <th scope="col">{say('rules.until')}</th>
                  <th scope="col">{say('rules.used')}</th>
                  <th scope="col">{say('rules.state')}</th>
                  <th scope="col">
                    <span className={styles.unseen}>{say('rules.actions')}</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {rules.data.map((rule) => (
                  <RuleRow key={rule.id} rule={rule} now={now} />
                ))}
              </tbody>
            </table>
          )}
        </Card>
      )}
    </Section>
  )
}

function RuleRow({ rule, now }: { rule: Rule; now: number }) {
  const [opened, setOpened] = useState(false)
  const revoke = useCommand('rules.revoke', { refreshes: ['rules.list'] })
  const { tool, toolTitle, source, clientName, effect, exactly, inChat, lastUsedFor, lastUsedAt } = rule
  const name = toolTitle || tool
  return (
    <tr>
      <td data-label={say('rules.what')}>
        <span className={styles.what}>
          {say(`rules.effect.${effect}`)} <Plain text={name} written longest={LONGEST_TITLE} />
        </span>
        <span className={styles.small}>
          {exactly === null ? (
            say(inChat ? 'rules.inOneChat' : 'rules.anything')
          ) : (
            <>
              {say('rules.exactly')} <Plain text={exactly} written longest={LONGEST_LINE} />
            </>
          )}
          {' · '}
          <Plain text={source} written longest={LONGEST_TITLE} />
        </span>
      </td>
      <td data-label={say('rules.forWhom')}>
        <Plain text={clientName} written longest={LONGEST_TITLE} />
      </td>
      <td data-label={say('rules.since')}>{ago(rule.since, now)}</td>
      <td data-label={say('rules.until')}>{untilWords(rule, now)}</td>
      <td data-label={say('rules.used')}>
        {say('rules.times', { count: rule.uses })}
        {lastUsedAt !== null && (
          <span className={styles.small}>
            {say('rules.last', { when: ago(lastUsedAt, now) })}{' '}
            {lastUsedFor && <Plain text={lastUsedFor.line} written longest={LONGEST_TITLE} />}
          </span>
        )}
      </td>
      <td data-label={say('rules.state')}>
        <State rule={rule} now={now} />
      </td>
      <td>
        <div className={styles.actions}>
          <Button size="small" onClick={() => setOpened(true)} aria-label={say('rules.changeOne', { name })}>
            {say('common.change')}
          </Button>
          <Button
            intent="quiet-danger"
            size="small"
            busy={revoke.isPending}
            onClick={() => revoke.mutate({ id: rule.id })}
            aria-label={say('rules.revokeOne', { name })}
          >
            {say('rules.revoke')}
          </Button>
        </div>
        {opened && <RuleDialog rule={rule} now={now} onClose={() => setOpened(false)} />}
      </td>
    </tr>
  )
}

const tones = { active: 'ok', asleep: 'warn', absent: 'neutral', over: 'neutral' } as const

function State({ rule: { state, sleeps, waivesTaint }, now }: { rule: Rule; now: number }) {
  return (
    <>
      <Badge tone={tones[state]} dot>
        {say(`rules.is.${state}`)}
      </Badge>
      {sleeps !== null && (
        <span className={styles.small}>
          {say(`rules.sleeps.${sleeps.why}`, { when: dayAndTime(sleeps.since, now) })}
        </span>
      )}
      {waivesTaint && <span className={styles.small}>{say('rules.alsoAfterReading')}</span>}
    </>
  )
}

/** When it ends, in the middle of a line. */
function untilWords(
  { until, inChat, effect }: Pick<Rule, 'until' | 'inChat' | 'effect'>,
  now: number,
): string {
  // What may never be outlives a raised bridge.
  if (until === null) return say(effect === 'never' ? 'rules.noEnd' : 'rules.noEndButRaise')
  if (until <= now) return say('rules.ended', { when: ago(until, now) })
  const minutes = Math.ceil((until - now) / 60_000)
  const left =
    minutes < 120
      ? say('rules.minutesLeft', { minutes })
      : say('rules.hoursLeft', { hours: Math.round(minutes / 60) })
  const words = minutes < 48 * 60 ? left : dayAndTime(until, until)
  return inChat ? say('rules.chatOr', { left: words }) : words
}
