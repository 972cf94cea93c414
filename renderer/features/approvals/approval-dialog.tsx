import { type Ref, useEffect, useId, useRef, useState } from 'react'
import { say } from '../../../locales/say.ts'
import type { Approval } from '../../../src/contract/approvals.ts'
import { Button } from '../../ui/button.tsx'
import { DialogActions, QuestionDialog, ThrowAwayDialog } from '../../ui/dialog.tsx'
import { useNow } from '../../ui/hooks/use-now.ts'
import { useStay } from '../../ui/hooks/use-stay.ts'
import { Waiting } from '../../ui/page.tsx'
import { LONGEST_TITLE, Plain, Quoted } from '../../ui/plain.tsx'
import { Failure } from '../../ui/problem.tsx'
import { rich } from '../../ui/rich.tsx'
import { countdown } from '../../words/time.ts'
import { Details, Edit } from './call-details.tsx'
import { Facts, Sentence } from './call-facts.tsx'
import styles from './dialogs.module.css'
import { allowWords, LastingChoice } from './lasting-choice.tsx'
import { keepChanged, putAside } from './put-aside.ts'
import { type Answer, useAnswer } from './use-answer.ts'

/**
 * A call that waits: who, what happens, with exactly what. Nothing is allowed before the end of it was in sight, or it was opened
 * over the whole window. Esc and no answer both mean no, and nothing more than that; while it is changed, Esc asks about the changes.
 */
export function ApprovalDialog({ approval, more }: { approval: Approval; more: number }) {
  const no = useRef<HTMLButtonElement>(null)
  const why = useId()
  const answer = useAnswer(approval)
  const { details, opened, problem, choice, edited } = answer
  const now = useNow(1_000)
  const unchange = () => {
    answer.edit(null)
    no.current?.focus()
  }
  const { leave, later, question } = useLeaving(approval.id, answer, unchange)
  return (
    <QuestionDialog
      onClose={leave}
      focus={no}
      whole={opened !== null}
      above={more > 0 && say('approvals.moreAfterThis', { count: more })}
      title={rich('approvals.wantsToUse', {
        client: <Plain text={approval.clientName} written longest={LONGEST_TITLE / 2} />,
        tool: <Quoted text={approval.toolTitle || approval.tool} written longest={LONGEST_TITLE} />,
      })}
      text={<Sentence approval={approval} details={details.data} />}
    >
      <Facts approval={approval} />
      <Given answer={answer} onUnchange={unchange} />
      <Failure of={problem} />
      {edited === null && <LastingChoice approval={approval} value={choice} onChange={answer.choose} />}
      <p className={styles.fine}>
        <span>{say('approvals.noAnswerMeansNo', { left: countdown(approval.expiresAt, now) })}</span>
        <Button intent="quiet" size="small" onClick={later}>
          {say('common.decideLater')}
        </Button>
      </p>
      <Answers answer={answer} no={no} why={why} />
      {question}
    </QuestionDialog>
  )
}

/** Esc, *Decide later* and another question that was asked for: what was changed, and is saved nowhere, goes by none without a question. */
function useLeaving(id: string, { edited, details, refuse }: Answer, unchange: () => void) {
  const [dropped, setDropped] = useState<(() => void) | null>(null)
  const isChanged = edited !== null && edited !== details.data?.arguments
  useStay(isChanged)
  useEffect(() => (isChanged ? keepChanged(id, (go) => setDropped(() => go)) : undefined), [isChanged, id])
  const asked = (act: () => void) => (isChanged ? setDropped(() => act) : act())
  return {
    leave: () => asked(edited === null ? () => refuse('deny') : unchange),
    later: () => asked(() => putAside(id)),
    question: isChanged && dropped !== null && (
      <ThrowAwayDialog
        onClose={() => setDropped(null)}
        onConfirm={() => {
          setDropped(null)
          dropped()
        }}
      />
    ),
  }
}

/** Everything that would reach the tool, or what the user makes of it. */
function Given({ answer, onUnchange }: { answer: Answer; onUnchange(): void }) {
  const box = useRef<HTMLElement>(null)
  const { details, end, read, open, choose, edited, edit, wrong } = answer
  if (!details.data) return <Waiting on={details} />
  const { seen, risk, arguments: given, canEdit } = details.data
  if (edited !== null) return <Edit text={edited} wrong={wrong} onChange={edit} onUndo={onUnchange} />
  return (
    <Details
      key={seen}
      text={given}
      risk={risk}
      box={box}
      end={end}
      {...(!read && {
        onOpen: () => {
          open(seen)
          // The button is gone; the keys now scroll what it opened.
          box.current?.focus()
        },
      })}
      {...(canEdit &&
        read && {
          onEdit: () => {
            choose('once')
            edit(given)
          },
        })}
    />
  )
}

function Answers({ answer, no, why }: { answer: Answer; no: Ref<HTMLButtonElement>; why: string }) {
  const { details, read, choice, edited, pending, settled, refuse, allow } = answer
  const isNever = choice === 'never'
  const isNo = pending === 'deny' || pending === 'never'
  return (
    <DialogActions
      equal
      note={
        details.data &&
        !read && (
          <span id={why} role="status">
            {say('approvals.scrollToEnd')}
          </span>
        )
      }
      safe={
        <Button
          ref={no}
          busy={isNo}
          disabled={pending !== null}
          onClick={() => refuse(isNever ? 'never' : 'deny')}
        >
          {say(isNever ? 'approvals.neverAllow' : 'approvals.dontAllow')}
        </Button>
      }
      act={
        <Button
          busy={pending !== null && !isNo}
          disabled={!settled || pending !== null || isNever}
          aria-describedby={why}
          onClick={allow}
        >
          {edited === null ? allowWords(choice) : say('approvals.allowChanged')}
        </Button>
      }
    />
  )
}
