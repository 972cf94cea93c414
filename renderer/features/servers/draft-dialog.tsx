import { useId, useRef } from 'react'
import { say } from '../../../locales/say.ts'
import { firstStartWords } from '../../../src/contract/agreed/first-start.ts'
import type { Server } from '../../../src/contract/servers.ts'
import { useCommand } from '../../pipe/host.tsx'
import { Button } from '../../ui/button.tsx'
import { DialogActions, QuestionDialog } from '../../ui/dialog.tsx'
import { ExactRun } from '../../ui/exact-run.tsx'
import { LONGEST_TITLE, Quoted } from '../../ui/plain.tsx'
import { Failure, Note } from '../../ui/problem.tsx'
import { rich } from '../../ui/rich.tsx'
import styles from '../approvals/dialogs.module.css'
import { useSeen } from '../approvals/use-seen.ts'
import { useSettled } from '../approvals/use-settled.ts'
import { useStarted } from './form/use-add-server.ts'

interface DraftDialogProps {
  draft: Server
  onClose(): void
  /** For an answer: it is still the one that is looked at, whether or not its dialog began anew meanwhile. */
  isOpen(): boolean
}

/**
 * What was added and never started, exactly, before anything of it is started. Give it the fingerprint as its key: were the draft
 * changed under the reader's eyes, the buttons must settle anew.
 */
export function DraftDialog({ draft, onClose, isOpen }: DraftDialogProps) {
  const remove = useRef<HTMLButtonElement>(null)
  const why = useId()
  const settled = useSettled()
  const [end, read] = useSeen()
  const unread = draft.values === null
  const local = draft.kind === 'stdio'
  const { start, drop } = useDraftCommands(onClose, isOpen)
  const busy = start.isPending || drop.isPending

  return (
    <QuestionDialog
      onClose={onClose}
      focus={remove}
      title={rich('servers.draft.title', {
        name: <Quoted text={draft.name} longest={LONGEST_TITLE} />,
      })}
      text={
        local
          ? draft.confined
            ? say('servers.draft.textConfined')
            : say('servers.draft.textProgram')
          : say('servers.draft.textAddress')
      }
    >
      <ExactRun
        title={local ? say('servers.draft.wouldRun') : say('servers.draft.wouldConnect')}
        facts={draft}
      />
      {unread && (
        <Note message={say('servers.draft.unreadable')} hint={say('servers.draft.unreadableHint')} />
      )}
      <Failure of={start.error ?? drop.error} />
      {start.isPending && local && (
        <p className={styles.fine} role="status">
          {say('servers.startingIt', { how: firstStartWords() })}
        </p>
      )}
      <p className={styles.fine}>
        <span>{say('servers.draft.removeItAndNothing')}</span>
        <Button intent="quiet" size="small" disabled={busy} onClick={onClose}>
          {say('common.decideLater')}
        </Button>
      </p>
      <div ref={end} />
      <DialogActions
        equal
        note={!read && <span id={why}>{say('servers.draft.readToTheEnd')}</span>}
        safe={
          <Button
            ref={remove}
            busy={drop.isPending}
            disabled={busy}
            onClick={() => drop.mutate({ id: draft.id })}
          >
            {say('common.remove')}
          </Button>
        }
        act={
          <Button
            busy={start.isPending}
            disabled={!settled || !read || busy || unread}
            aria-describedby={why}
            onClick={() => start.mutate({ id: draft.id, seen: draft.fingerprint })}
          >
            {say('servers.draft.startIt')}
          </Button>
        }
      />
    </QuestionDialog>
  )
}

function useDraftCommands(onClose: () => void, isOpen: () => boolean) {
  const { done, leave } = useStarted(onClose, ({ name }) => say('servers.draft.wasStarted', { name }))
  return {
    start: useCommand('servers.start', {
      inline: true,
      refreshes: ['servers.list', 'tools.list'],
      done(server) {
        done(server)
        if (isOpen()) leave(server)
      },
    }),
    drop: useCommand('servers.remove', {
      inline: true,
      refreshes: ['servers.list'],
      done: () => isOpen() && onClose(),
    }),
  }
}
