import { useRef } from 'react'
import type { Approval } from '../../src/contract/models.ts'
import { Badge } from '../parts/badge.tsx'
import { Button } from '../parts/button.tsx'
import { DialogActions, QuestionDialog } from '../parts/dialog.tsx'
import { Problem } from '../parts/problem.tsx'
import { useNow } from '../parts/use-now.ts'
import { keyOf, problemOf, useCommand } from '../pipe/host.tsx'
import { RISK_WORDS } from '../words/access.ts'
import { countdown } from '../words/time.ts'
import styles from './dialogs.module.css'
import { putAside } from './put-aside.ts'
import { useSettled } from './use-settled.ts'

/** A call that waits: who, what happens, with exactly what. Esc and no answer both mean no. */
export function ApprovalDialog({ approval, more }: { approval: Approval; more: number }) {
  const no = useRef<HTMLButtonElement>(null)
  const settled = useSettled()
  const now = useNow(1_000)
  const decide = useCommand('approvals.decide', {
    inline: true,
    done: (_output, client) => void client.invalidateQueries({ queryKey: keyOf('approvals.list') }),
  })
  const risk = RISK_WORDS[approval.risk]
  const answer = (decision: 'once' | 'deny') => {
    if (!decide.isPending) decide.mutate({ id: approval.id, decision })
  }
  const pending = decide.isPending ? decide.variables.decision : null

  return (
    <QuestionDialog
      open
      onClose={() => answer('deny')}
      focus={no}
      above={more > 0 && `${more} more waiting after this`}
      title={`${approval.clientName} wants to use “${approval.toolTitle || approval.tool}”`}
      text={`${risk.sentence} It happens once, with exactly what is shown here.`}
    >
      <div className={styles.happens}>
        <Badge tone={risk.tone} dot>
          {risk.label}
        </Badge>
        <span>from {approval.source}</span>
      </div>
      <Arguments text={approval.arguments} />
      {decide.error !== null && <Problem problem={problemOf(decide.error)} />}
      <p className={styles.fine}>
        <span>No answer within {countdown(approval.expiresAt, now)} means no.</span>
        <Button intent="quiet" size="small" onClick={() => putAside(approval.id)}>
          Decide later
        </Button>
      </p>
      <DialogActions
        equal
        safe={
          <Button
            ref={no}
            busy={pending === 'deny'}
            disabled={pending !== null}
            onClick={() => answer('deny')}
          >
            Don’t allow
          </Button>
        }
        act={
          <Button
            busy={pending === 'once'}
            disabled={!settled || pending !== null}
            onClick={() => answer('once')}
          >
            Allow once
          </Button>
        }
      />
    </QuestionDialog>
  )
}

function Arguments({ text }: { text: string }) {
  const nothing = text.trim() === '' || text.trim() === '{}'
  return (
    <section aria-label="Exact arguments">
      <h3 className={styles['details-title']}>Details</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long arguments must be scrollable with the keyboard */}
      <pre className={styles.details} tabIndex={0}>
        {nothing ? 'Nothing is handed over.' : text}
      </pre>
    </section>
  )
}
