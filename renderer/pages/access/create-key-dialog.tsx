import { useState } from 'react'
import { api } from '../../../src/contract/api.ts'
import type { Access, Grant } from '../../../src/contract/models.ts'
import { AccessChoice } from '../../dialogs/access-choice.tsx'
import { Limits } from '../../dialogs/limits.tsx'
import { useWorkspaces } from '../../dialogs/use-choices.ts'
import { WorkspaceChoice } from '../../dialogs/workspace-choice.tsx'
import { Button } from '../../parts/button.tsx'
import { CopyField } from '../../parts/copy-field.tsx'
import { DialogActions, FormDialog } from '../../parts/dialog.tsx'
import { TextField } from '../../parts/field.tsx'
import { Problem } from '../../parts/problem.tsx'
import { useNow } from '../../parts/use-now.ts'
import { keyOf, problemOf, useCall, useCommand } from '../../pipe/host.tsx'
import { expiryAt, limitsProblem, NO_LIMITS } from '../../words/limits.ts'
import styles from './access-page.module.css'

type Made = { grant: Grant; token: string }

/** A key for a program that takes one. Its token is shown here, once, and nowhere else. */
export function CreateKeyDialog({ open, onClose }: { open: boolean; onClose(): void }) {
  const [made, setMade] = useState<Made | null>(null)
  const [copied, setCopied] = useState(false)
  const close = () => {
    setMade(null)
    setCopied(false)
    onClose()
  }
  return (
    <FormDialog
      // One that is made after the dialog was left must be seen all the same.
      open={open || made !== null}
      onClose={close}
      {...(made !== null && {
        onlyCopy: !copied && 'The key is shown only this once. Copy it first, or press “I have copied it”.',
      })}
      title={made === null ? 'Create a key' : 'Copy the key now'}
      text={
        made === null
          ? 'For programs that ask for a token or API key. Whoever has the key can use it, so give each program its own.'
          : 'It is shown only this once. Drawbridge keeps no copy that could be shown again.'
      }
    >
      {made === null ? (
        <KeyForm onClose={close} onMade={setMade} />
      ) : (
        <KeyShown made={made} onClose={close} onCopied={() => setCopied(true)} />
      )}
    </FormDialog>
  )
}

function KeyForm({ onClose, onMade }: { onClose(): void; onMade(made: Made): void }) {
  const [name, setName] = useState('')
  const [access, setAccess] = useState<Access>('ask')
  const [workspace, setWorkspace] = useState('default')
  const [limits, setLimits] = useState(NO_LIMITS)
  const [tried, setTried] = useState(false)
  const now = useNow(30_000)
  const create = useCommand('keys.create', {
    inline: true,
    done: (output, client) => {
      void client.invalidateQueries({ queryKey: keyOf('grants.list') })
      onMade(output)
    },
  })
  const wrongLimits = limitsProblem(limits, now)
  const input = { name, access, workspace, tools: limits.tools, expiresAt: expiryAt(limits.expiry, now) }
  const checked = api['keys.create'].input.safeParse(input)
  const wrong = tried ? checked.error?.issues.find((issue) => issue.path[0] === 'name')?.message : undefined
  return (
    <form
      className={styles.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        setTried(true)
        if (checked.success && wrongLimits === undefined && !create.isPending) create.mutate(input)
      }}
    >
      <TextField
        label="Name"
        value={name}
        onChange={setName}
        maxLength={40}
        placeholder="For example: my laptop’s editor"
        wrong={wrong}
      />
      <WorkspaceChoice
        value={workspace}
        onChange={(next) => {
          setWorkspace(next)
          // The tools of one workspace are not those of another.
          setLimits((old) => ({ ...old, tools: null }))
        }}
      />
      <AccessChoice value={access} onChange={setAccess} />
      <Limits
        workspace={workspace}
        value={limits}
        onChange={setLimits}
        now={now}
        problem={tried ? wrongLimits : undefined}
      />
      {create.error !== null && <Problem problem={problemOf(create.error)} />}
      <DialogActions
        safe={<Button onClick={onClose}>Cancel</Button>}
        act={
          <Button intent="primary" type="submit" busy={create.isPending}>
            Create the key
          </Button>
        }
      />
    </form>
  )
}

function KeyShown({ made, onClose, onCopied }: { made: Made; onClose(): void; onCopied(): void }) {
  const status = useCall('status.get', undefined)
  const workspace = useWorkspaces().find((one) => one.name === made.grant.workspace)
  const at = workspace ?? status.data?.bridge
  return (
    <div className={styles.form}>
      <CopyField label="Key" value={made.token} whole onCopied={onCopied} />
      {at && <CopyField label="Address to use it with" value={at.localUrl} />}
      {at?.publicUrl && <CopyField label="Address to use it with from elsewhere" value={at.publicUrl} />}
      <Problem
        tone="warn"
        announce={false}
        problem={{
          message: 'Keep it like a password.',
          hint: 'Put it only into the program it is for, never into a chat or an email. If it gets out, revoke it here.',
        }}
      />
      <DialogActions
        safe={null}
        act={
          <Button intent="primary" onClick={onClose}>
            I have copied it
          </Button>
        }
      />
    </div>
  )
}
