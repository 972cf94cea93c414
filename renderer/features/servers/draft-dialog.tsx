import { useNavigate } from '@tanstack/react-router'
import { useId, useRef } from 'react'
import { firstStartWords } from '../../../src/contract/first-start.ts'
import type { Server } from '../../../src/contract/servers.ts'
import { keyOf, problemOf, useCommand } from '../../pipe/host.tsx'
import { Button } from '../../ui/button.tsx'
import { DialogActions, QuestionDialog } from '../../ui/dialog.tsx'
import { ExactRun } from '../../ui/exact-run.tsx'
import { LONGEST_TITLE, Quoted } from '../../ui/plain.tsx'
import { Problem } from '../../ui/problem.tsx'
import { showDone } from '../../ui/toasts.tsx'
import styles from '../approvals/dialogs.module.css'
import { useSeen } from '../approvals/use-seen.ts'
import { useSettled } from '../approvals/use-settled.ts'

interface DraftDialogProps {
  draft: Server
  onClose(): void
}

/**
 * What was added and never started, exactly, before anything of it is started. Give it the fingerprint as its key: were the draft
 * changed under the reader's eyes, the buttons must settle anew.
 */
export function DraftDialog({ draft, onClose }: DraftDialogProps) {
  const remove = useRef<HTMLButtonElement>(null)
  const why = useId()
  const settled = useSettled()
  const [end, read] = useSeen()
  const navigate = useNavigate()
  const unread = draft.values === null
  const local = draft.kind === 'stdio'
  const start = useCommand('servers.start', {
    inline: true,
    done: (server, client) => {
      void client.invalidateQueries({ queryKey: keyOf('servers.list') })
      void client.invalidateQueries({ queryKey: keyOf('tools.list') })
      onClose()
      if (server.state === 'running') showDone(`${server.name} was started`)
      // There is something left to do, or to know about it.
      else void navigate({ to: '/tools/$id', params: { id: server.id } })
    },
  })
  const drop = useCommand('servers.remove', {
    inline: true,
    done: (_output, client) => {
      void client.invalidateQueries({ queryKey: keyOf('servers.list') })
      onClose()
    },
  })
  const busy = start.isPending || drop.isPending
  const error = start.error ?? drop.error

  return (
    <QuestionDialog
      open
      onClose={onClose}
      focus={remove}
      title={
        <>
          Start <Quoted text={draft.name} longest={LONGEST_TITLE} /> for the first time?
        </>
      }
      text={
        local
          ? draft.confined
            ? 'Nothing of it was started yet. If you start it, it reaches only its own folder, and the internet. Start it only if you know what it is.'
            : 'Nothing of it was started yet. If you start it, it runs with your rights: it can read and change what you can. Start it only if you know what it is.'
          : 'Nothing was sent there yet. If you start it, Drawbridge connects to this address, and your assistants can use the tools it offers. Start it only if you know whose it is.'
      }
    >
      <ExactRun
        title={local ? 'This is exactly what would run' : 'This is what it would connect to'}
        facts={draft}
      />
      {unread && (
        <Problem
          tone="warn"
          announce={false}
          problem={{
            message: 'Its values cannot be read at the moment.',
            hint: 'It can be started once you see them: look whether your keychain is unlocked, and open this again.',
          }}
        />
      )}
      {error !== null && <Problem problem={problemOf(error)} />}
      {start.isPending && local && (
        <p className={styles.fine} role="status">
          Starting it. {firstStartWords}
        </p>
      )}
      <p className={styles.fine}>
        <span>Remove it, and nothing is left of it.</span>
        <Button intent="quiet" size="small" disabled={busy} onClick={onClose}>
          Decide later
        </Button>
      </p>
      <div ref={end} />
      <DialogActions
        equal
        note={!read && <span id={why}>Read to the end to be able to start it.</span>}
        safe={
          <Button
            ref={remove}
            busy={drop.isPending}
            disabled={busy}
            onClick={() => drop.mutate({ id: draft.id })}
          >
            Remove
          </Button>
        }
        act={
          <Button
            busy={start.isPending}
            disabled={!settled || !read || busy || unread}
            aria-describedby={why}
            onClick={() => start.mutate({ id: draft.id, seen: draft.fingerprint })}
          >
            Start it
          </Button>
        }
      />
    </QuestionDialog>
  )
}
