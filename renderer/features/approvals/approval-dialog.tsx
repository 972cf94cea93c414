import { type Ref, useId, useRef, useState } from 'react'
import type { Approval } from '../../../src/contract/approvals.ts'
import { keyOf, problemOf, useCall, useCommand } from '../../pipe/host.tsx'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { cx } from '../../ui/cx.ts'
import { DialogActions, QuestionDialog } from '../../ui/dialog.tsx'
import { LongText } from '../../ui/long-text.tsx'
import { Waiting } from '../../ui/page.tsx'
import { LONGEST_TITLE, Plain, Quoted } from '../../ui/plain.tsx'
import { Problem } from '../../ui/problem.tsx'
import { useNow } from '../../ui/use-now.ts'
import { RISK_WORDS } from '../../words/access.ts'
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
    done: (decided, client) => {
      sayUnheard(decided)
      void client.invalidateQueries({ queryKey: keyOf('approvals.list') })
    },
  })
  const risk = RISK_WORDS[approval.risk]
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
      open
      onClose={deny}
      focus={no}
      whole={opened !== null}
      above={more > 0 && `${more} more waiting after this`}
      title={
        <>
          <Plain text={approval.clientName} written longest={LONGEST_TITLE / 2} /> wants to use{' '}
          <Quoted text={approval.toolTitle || approval.tool} written longest={LONGEST_TITLE} />
        </>
      }
      text={`${risk.sentence} It happens once, with exactly what is shown here.`}
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
      {decide.error !== null && <Problem problem={problemOf(decide.error)} />}
      <p className={styles.fine}>
        <span>
          <span id={why} role="status">
            {details.data &&
              !read &&
              'Scroll to the end of the details, or press “Show everything”, to be able to allow it. '}
          </span>
          No answer within {countdown(approval.expiresAt, now)} means no.
        </span>
        <Button intent="quiet" size="small" onClick={() => putAside(id)}>
          Decide later
        </Button>
      </p>
      <DialogActions
        equal
        safe={
          <Button ref={no} busy={pending === 'deny'} disabled={pending !== null} onClick={deny}>
            Don’t allow
          </Button>
        }
        act={
          <Button
            busy={pending === 'once'}
            disabled={!settled || pending !== null}
            aria-describedby={why}
            onClick={allow}
          >
            Allow once
          </Button>
        }
      />
    </QuestionDialog>
  )
}

/** What runs, by the names that its server cannot choose freely, and who asks. Always there, and never long. */
function Facts({ approval }: { approval: Approval }) {
  const { tool, toolId, toolTitle, source, sourceId, risk } = approval
  const words = RISK_WORDS[risk]
  return (
    <dl className={styles.facts}>
      <dt>Tool</dt>
      <dd>
        <Name text={tool} />
        {toolTitle !== '' && (
          <span className={styles.aside}> Above is the title that its maker gave it.</span>
        )}
      </dd>
      {toolId !== tool && (
        <>
          <dt>Its id</dt>
          <dd>
            <Name text={toolId} />
          </dd>
        </>
      )}
      <dt>From</dt>
      <dd>
        <Plain text={source} written longest={LONGEST_TITLE} />
        {sourceId !== source && (
          <span className={styles.aside}>
            {' '}
            <Name text={sourceId} />
          </span>
        )}
      </dd>
      <dt>Who</dt>
      <dd>
        <Plain text={approval.clientName} written longest={LONGEST_TITLE} />
      </dd>
      <dt>Kind</dt>
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
          Details{text.length > 1_000 && `, ${text.length.toLocaleString('en')} characters`}
        </h3>
        {onOpen && (
          <Button intent="quiet" size="small" onClick={onOpen}>
            Show everything
          </Button>
        )}
      </div>
      <LongText
        ref={box}
        label="Exact arguments"
        className={cx(styles.details, nothing && styles.nothing)}
        text={nothing ? 'Nothing is handed over.' : text}
        codes="json"
        end={<div ref={end} />}
      />
    </div>
  )
}
