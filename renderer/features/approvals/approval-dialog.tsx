import { type Ref, useId, useRef, useState } from 'react'
import { say } from '../../../locales/say.ts'
import type { Approval } from '../../../src/contract/approvals.ts'
import { problemOf, useCall, useCommand } from '../../pipe/host.tsx'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { DialogActions, QuestionDialog } from '../../ui/dialog.tsx'
import { LongText } from '../../ui/long-text.tsx'
import { Waiting } from '../../ui/page.tsx'
import { LONGEST_TITLE, Plain, Quoted } from '../../ui/plain.tsx'
import { Failure } from '../../ui/problem.tsx'
import { rich } from '../../ui/rich.tsx'
import { useNow } from '../../ui/use-now.ts'
import { riskWords } from '../../words/access.ts'
import { countdown } from '../../words/time.ts'
import styles from './dialogs.module.css'
import { putAside } from './put-aside.ts'
import { sayUnheard } from './say-unheard.ts'
import { useSeen } from './use-seen.ts'
import { useSettled } from './use-settled.ts'

/**
 * A call that waits: who, what happens, with exactly what. Nothing is allowed before the end of it was in sight, or it was opened
 * over the whole window. Esc and no answer both mean no.
 */
export function ApprovalDialog({ approval, more }: { approval: Approval; more: number }) {
  const no = useRef<HTMLButtonElement>(null)
  const box = useRef<HTMLElement>(null)
  const why = useId()
  const details = useCall('approvals.get', { id: approval.id })
  const [end, endSeen] = useSeen()
  /** The `seen` of what was opened over the whole window. */
  const [opened, setOpened] = useState<string | null>(null)
  const read = details.data !== undefined && (endSeen || opened === details.data.seen)
  const settled = useSettled(read)
  const now = useNow(1_000)
  const decide = useCommand('approvals.decide', {
    inline: true,
    refreshes: ['approvals.list'],
    done: sayUnheard,
  })
  const risk = riskWords(approval.risk)
  const { id } = approval
  const deny = () => {
    if (!decide.isPending) decide.mutate({ id, decision: 'deny' })
  }
  const allow = () => {
    if (!settled || !details.data || decide.isPending) return
    decide.mutate(
      { id, decision: 'once', seen: details.data.seen },
      // What is shown is not what waits: it is fetched, and must be looked at, anew.
      { onError: (error) => problemOf(error).code === 'not-seen' && void details.refetch() },
    )
  }
  const pending = decide.isPending ? decide.variables.decision : null

  return (
    <QuestionDialog
      onClose={deny}
      focus={no}
      whole={opened !== null}
      above={more > 0 && say('approvals.moreAfterThis', { count: more })}
      title={rich('approvals.wantsToUse', {
        client: <Plain text={approval.clientName} written longest={LONGEST_TITLE / 2} />,
        tool: <Quoted text={approval.toolTitle || approval.tool} written longest={LONGEST_TITLE} />,
      })}
      text={say('approvals.text', { risk: risk.sentence })}
    >
      <Facts approval={approval} />
      {details.data ? (
        <Details
          key={details.data.seen}
          text={details.data.arguments}
          box={box}
          end={end}
          {...(!read && {
            onOpen: () => {
              setOpened(details.data.seen)
              // The button is gone; the keys now scroll what it opened.
              box.current?.focus()
            },
          })}
        />
      ) : (
        <Waiting on={details} />
      )}
      <Failure of={decide.error} />
      <p className={styles.fine}>
        <span>
          <span id={why} role="status">
            {details.data && !read && `${say('approvals.scrollToEnd')} `}
          </span>
          {say('approvals.noAnswerMeansNo', { left: countdown(approval.expiresAt, now) })}
        </span>
        <Button intent="quiet" size="small" onClick={() => putAside(id)}>
          {say('common.decideLater')}
        </Button>
      </p>
      <DialogActions
        equal
        safe={
          <Button ref={no} busy={pending === 'deny'} disabled={pending !== null} onClick={deny}>
            {say('approvals.dontAllow')}
          </Button>
        }
        act={
          <Button
            busy={pending === 'once'}
            disabled={!settled || pending !== null}
            aria-describedby={why}
            onClick={allow}
          >
            {say('approvals.allowOnce')}
          </Button>
        }
      />
    </QuestionDialog>
  )
}

/** What runs, by the names that its server cannot choose freely, and who asks. Always there, and never long. */
function Facts({ approval }: { approval: Approval }) {
  const { tool, toolId, toolTitle, source, sourceId, risk } = approval
  const words = riskWords(risk)
  return (
    <dl className={styles.facts}>
      <dt>{say('approvals.tool')}</dt>
      <dd>
        <Name text={tool} />
        {toolTitle !== '' && <span className={styles.aside}> {say('approvals.titleIsMakers')}</span>}
      </dd>
      {toolId !== tool && (
        <>
          <dt>{say('approvals.itsId')}</dt>
          <dd>
            <Name text={toolId} />
          </dd>
        </>
      )}
      <dt>{say('approvals.from')}</dt>
      <dd>
        <Plain text={source} written longest={LONGEST_TITLE} />
        {sourceId !== source && (
          <span className={styles.aside}>
            {' '}
            <Name text={sourceId} />
          </span>
        )}
      </dd>
      <dt>{say('approvals.who')}</dt>
      <dd>
        <Plain text={approval.clientName} written longest={LONGEST_TITLE} />
      </dd>
      <dt>{say('approvals.kind')}</dt>
      <dd>
        <Badge tone={words.tone} dot>
          {words.label}
        </Badge>
      </dd>
    </dl>
  )
}

const Name = ({ text }: { text: string }) => (
  <code>
    <Plain text={text} longest={LONGEST_TITLE} />
  </code>
)

interface DetailsProps {
  text: string
  box: Ref<HTMLElement>
  end(element: Element | null): void
  /** Shows them over the whole window; left out once they were seen. */
  onOpen?(): void
}

function Details({ text, box, end, onOpen }: DetailsProps) {
  const nothing = text.trim() === '{}'
  return (
    <div className={styles['details-part']}>
      <div className={styles['details-head']}>
        <h3 className={styles['details-title']}>
          {text.length > 1_000 ? say('approvals.detailsOf', { count: text.length }) : say('common.details')}
        </h3>
        {onOpen && (
          <Button intent="quiet" size="small" onClick={onOpen}>
            {say('approvals.showEverything')}
          </Button>
        )}
      </div>
      <LongText
        ref={box}
        label={say('approvals.exactArguments')}
        className={styles.details}
        text={nothing ? say('approvals.nothingIsHandedOver') : text}
        codes="json"
        end={<div ref={end} />}
      />
    </div>
  )
}
