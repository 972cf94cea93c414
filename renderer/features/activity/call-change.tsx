import { useState } from 'react'
import { say } from '../../../locales/say.ts'
import type { Call } from '../../../src/contract/activity.ts'
import { visibleText } from '../../../src/contract/agreed/visible-text.ts'
import type { Change, Undone } from '../../../src/contract/changes.ts'
import { useCall, useCommand } from '../../pipe/host.tsx'
import { Button } from '../../ui/button.tsx'
import { ConfirmButton, DialogActions, QuestionDialog } from '../../ui/dialog.tsx'
import { LongText } from '../../ui/long-text.tsx'
import { LONGEST_TITLE, Plain } from '../../ui/plain.tsx'
import { Failure } from '../../ui/problem.tsx'
import { rich } from '../../ui/rich.tsx'
import { Buttons, Small } from '../../ui/text.tsx'
import { showDone, showProblem } from '../../ui/toasts.tsx'
import styles from './call-detail.module.css'

/** What a call changed in the user's folders, and how it is undone. Nothing, where it changed nothing there. */
export function CallChange({ call }: { call: Call }) {
  const change = useCall('changes.of', { call: call.id }, { enabled: call.risk !== 'read' }).data
  return change ? <Undoing change={change} /> : null
}

function Undoing({ change }: { change: Change }) {
  const { call, kind, folder, path, movedTo, isUndone, clientName } = change
  const [conflict, setConflict] = useState<Conflict | null>(null)
  const undo = useCommand('changes.undo', {
    done(told) {
      if (told.state === 'changed') return setConflict(told)
      setConflict(null)
      if (told.state === 'undone') showDone(say('activity.undo.done'))
    },
  })
  const undoAll = useCommand('changes.undoAll', { inline: true, done: tellAll })
  const name = (text: string) => <Plain text={`${folder}/${text}`} written longest={LONGEST_TITLE} />
  const assistant = { name: clientName }
  return (
    <section className={styles.change}>
      <h3 className={styles['block-title']}>{say('activity.undo.title')}</h3>
      <p>
        {rich(`activity.undo.${kind}`, { path: name(path), to: name(movedTo ?? path) })}{' '}
        {isUndone && say('activity.undo.undone')}
      </p>
      <Buttons>
        {!isUndone && (
          <Button size="small" busy={undo.isPending} onClick={() => undo.mutate({ call })}>
            {say('activity.undo.action')}
          </Button>
        )}
        <ConfirmButton
          intent="quiet"
          size="small"
          command={undoAll}
          input={{ grantId: change.grantId, ...dayOf(change.at) }}
          question={{
            title: say('activity.undo.allTitle', assistant),
            text: say('activity.undo.allText'),
            action: say('activity.undo.allConfirm'),
          }}
        >
          {say('activity.undo.allAction', assistant)}
        </ConfirmButton>
      </Buttons>
      {conflict && (
        <ConflictDialog
          conflict={conflict}
          busy={undo.isPending}
          error={undo.error}
          onClose={() => setConflict(null)}
          onPutBack={() => undo.mutate({ call, over: conflict.seen })}
        />
      )}
    </section>
  )
}

type Conflict = Extract<Undone, { state: 'changed' }>

interface ConflictProps {
  conflict: Conflict
  busy: boolean
  error: unknown
  onClose(): void
  onPutBack(): void
}

/** Both versions, of which one stays. */
function ConflictDialog({ conflict, busy, error, onClose, onPutBack }: ConflictProps) {
  const { path, now, before, seen } = conflict
  const canPutBack = seen !== null
  return (
    <QuestionDialog
      onClose={onClose}
      title={say('activity.undo.conflictTitle', { path })}
      text={say(canPutBack ? 'activity.undo.conflictText' : 'activity.undo.conflictGone')}
    >
      {canPutBack && <Version title={say('activity.undo.nowTitle')} text={now} />}
      {canPutBack && <Version title={say('activity.undo.beforeTitle')} text={before} />}
      <Failure of={error} />
      <DialogActions
        safe={<Button onClick={onClose}>{say(canPutBack ? 'activity.undo.keepNow' : 'common.close')}</Button>}
        act={
          canPutBack && (
            <Button intent="primary" busy={busy} onClick={onPutBack}>
              {say('activity.undo.putBack')}
            </Button>
          )
        }
      />
    </QuestionDialog>
  )
}

function Version({ title, text }: { title: string; text: string | null }) {
  return (
    <div>
      <h3 className={styles['block-title']}>{title}</h3>
      {text ? (
        <LongText label={title} className={styles.version} text={visibleText(text)} codes="text" />
      ) : (
        <Small>{say(text === null ? 'activity.undo.noFile' : 'activity.undo.empty')}</Small>
      )}
    </div>
  )
}

function tellAll(all: readonly Undone[]): void {
  showDone(say('activity.undo.allDone', { count: all.filter(({ state }) => state === 'undone').length }))
  const left = all.filter(({ state }) => state !== 'undone')
  if (left.length === 0) return
  const paths = left.map(({ folder, path }) => `${folder}/${path}`).join(', ')
  showProblem({
    code: 'changed-since',
    message: say('activity.undo.allLeft', { count: left.length, paths }),
    hint: '',
  })
}

/** The local day of a moment. */
function dayOf(at: number): { since: number; until: number } {
  const day = new Date(at)
  const since = day.setHours(0, 0, 0, 0)
  return { since, until: day.setDate(day.getDate() + 1) }
}
