import { useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useLayoutEffect, useRef } from 'react'
import { say } from '../../../locales/say.ts'
import type { Call, CallRule } from '../../../src/contract/activity.ts'
import { callDecision, tookInAll } from '../../../src/contract/agreed/call-outcome.ts'
import { shownJson, visibleText } from '../../../src/contract/agreed/visible-text.ts'
import { findingWords } from '../../../src/contract/agreed/words/difference.ts'
import { useCall } from '../../pipe/host.tsx'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Icon } from '../../ui/icon.tsx'
import { LongText } from '../../ui/long-text.tsx'
import { Waiting } from '../../ui/page.tsx'
import { LONGEST_TITLE, Plain } from '../../ui/plain.tsx'
import { Note } from '../../ui/problem.tsx'
import { rich } from '../../ui/rich.tsx'
import { outcomeWords, riskWords } from '../../words/access.ts'
import { dayOrTime, moment, took } from '../../words/time.ts'
import { CallChange } from './call-change.tsx'
import styles from './call-detail.module.css'
import { useToolTitles } from './use-tool-titles.ts'

/** One call in full: what was asked, what was decided, what came back. */
export function CallDetail({ id, onClose }: { id: string; onClose(): void }) {
  const asked = useCall('activity.get', { id })
  const listed = useListed(id)
  // The row in the list is shown at once; the full call replaces it when it is there.
  const call = asked.data ?? listed
  const titleOf = useToolTitles()
  const ref = useRef<HTMLElement>(null)
  // On a narrow screen it stands in place of the list, which had the keyboard.
  useLayoutEffect(() => {
    if (document.activeElement?.checkVisibility() === false) ref.current?.focus()
  }, [])
  return (
    <aside
      ref={ref}
      tabIndex={-1}
      className={styles.detail}
      aria-label={say('activity.callDetail.theCallInFull')}
      onKeyDown={(event) => event.key === 'Escape' && onClose()}
    >
      <div className={styles['detail-head']}>
        <h2 className={styles['detail-title']}>
          <Plain text={call ? (titleOf(call) ?? call.tool) : say('activity.callDetail.call')} longest={200} />
        </h2>
        <Button intent="quiet" size="small" iconOnly aria-label={say('common.close')} onClick={onClose}>
          <Icon name="cross" size={18} />
        </Button>
      </div>
      {!call && <Waiting on={asked} />}
      {call && <Detail call={call} />}
    </aside>
  )
}

function useListed(id: string): Call | undefined {
  const lists = useQueryClient().getQueriesData<{ pages: Call[][] }>({ queryKey: ['activity.list'] })
  return lists.flatMap(([, list]) => list?.pages.flat() ?? []).find((call) => call.id === id)
}

function Detail({ call }: { call: Call }) {
  const outcome = outcomeWords(call)
  const risk = riskWords(call.risk)
  return (
    <>
      {call.outcome === 'pending' ? (
        // What the assistant was told is said to the assistant.
        <Note message={say('activity.callDetail.itWaitsForYour')} />
      ) : (
        call.error && <Note tone="danger" message={call.error} />
      )}
      <dl className={styles.facts}>
        <dt>{say('activity.callDetail.outcome')}</dt>
        <dd>
          <Badge tone={outcome.tone} dot>
            {outcome.label}
          </Badge>
        </dd>
        <dt>{say('activity.callDetail.decision')}</dt>
        <dd>{callDecision(call)}</dd>
        {call.rule && <RuleFacts rule={call.rule} now={Date.now()} />}
        <dt>{say('activity.callDetail.who')}</dt>
        <dd>
          <Plain text={call.clientName} longest={200} />
        </dd>
        <dt>{say('activity.callList.tool')}</dt>
        <dd>
          <code>
            <Plain text={call.tool} longest={200} />
          </code>
        </dd>
        <dt>{say('activity.callDetail.from')}</dt>
        <dd>
          <Plain text={call.source} longest={200} />
        </dd>
        <dt>{say('activity.callDetail.kind')}</dt>
        <dd>
          <Badge tone={risk.tone}>{risk.label}</Badge>
        </dd>
        <dt>{say('activity.callDetail.when')}</dt>
        <dd>{moment(call.at, Date.now())}</dd>
        <dt>{say('activity.callDetail.took')}</dt>
        <dd>
          {call.duration === null
            ? say('activity.callDetail.stillRunning')
            : tookInAll(call, took(call.duration))}
        </dd>
      </dl>
      <CallChange call={call} />
      <Block
        title={say('activity.callDetail.whatItWasGiven')}
        text={call.arguments}
        empty={say('activity.callDetail.nothingWasHandedOver')}
      />
      {call.found && call.found.length > 0 && (
        <section>
          <h3 className={styles['block-title']}>{say('activity.callDetail.whatWasFound')}</h3>
          <ul className={styles.found}>
            {call.found.map((finding, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: two may be alike, and they never change
              <li key={index}>
                <Plain text={findingWords(finding)} longest={400} />
              </li>
            ))}
          </ul>
        </section>
      )}
      <Block
        title={say('activity.callDetail.whatCameBack')}
        text={call.result ?? ''}
        empty={say('activity.callDetail.nothingCameBack')}
      />
    </>
  )
}

/** As it was then: what holds now is on another page. */
function RuleFacts({ rule, now }: { rule: CallRule; now: number }) {
  const { effect, isExact, inChat, since, until, waivesTaint } = rule
  const kind = effect === 'never' ? 'never' : isExact ? 'exactly' : inChat ? 'inChat' : 'anything'
  return (
    <>
      <dt>{say('activity.rule.title')}</dt>
      <dd>
        {rich(`activity.rule.${kind}`, {
          name: <Plain text={rule.clientName} written longest={LONGEST_TITLE} />,
          tool: <Plain text={rule.tool} written longest={LONGEST_TITLE} />,
        })}{' '}
        {until === null
          ? say('activity.rule.since', { since: dayOrTime(since, now) })
          : say('activity.rule.sinceUntil', {
              since: dayOrTime(since, now),
              until: dayOrTime(until, now),
            })}{' '}
        {waivesTaint && `${say('activity.rule.waives')} `}
        <Link to="/access">{say('activity.rule.now')}</Link>
      </dd>
    </>
  )
}

function Block({ title, text, empty }: { title: string; text: string; empty: string }) {
  const nothing = text.trim() === '' || text === '{}'
  return (
    <section>
      <h3 className={styles['block-title']}>{title}</h3>
      <LongText
        label={title}
        className={styles.block}
        {...(nothing ? { text: empty, codes: 'text' } : shown(text))}
      />
    </section>
  )
}

/** Stored JSON is compact, and cut where it was too long: then it is shown as it is. */
function shown(text: string): { text: string; codes: 'text' | 'json' } {
  try {
    return { text: shownJson(JSON.parse(text)), codes: 'json' }
  } catch {
    return { text: visibleText(text), codes: 'text' }
  }
}
