import { useState } from 'react'
import { api } from '../../../src/contract/api.ts'
import type { Access } from '../../../src/contract/models.ts'
import { AccessChoice } from '../../dialogs/access-choice.tsx'
import { Button } from '../../parts/button.tsx'
import { CopyField } from '../../parts/copy-field.tsx'
import { DialogActions, FormDialog } from '../../parts/dialog.tsx'
import { TextField } from '../../parts/field.tsx'
import { Problem } from '../../parts/problem.tsx'
import { keyOf, problemOf, useCall, useCommand } from '../../pipe/host.tsx'
import styles from './access-page.module.css'

/** A key for a program that takes one. Its token is shown here, once, and nowhere else. */
export function CreateKeyDialog({ open, onClose }: { open: boolean; onClose(): void }) {
  const [token, setToken] = useState<string | null>(null)
  const close = () => {
    setToken(null)
    onClose()
  }
  return (
    <FormDialog
      open={open}
      onClose={close}
      title={token === null ? 'Create a key' : 'Copy the key now'}
      text={
        token === null
          ? 'For programs that ask for a token or API key. Whoever has the key can use it, so give each program its own.'
          : 'It is shown only this once. Drawbridge keeps no copy that could be shown again.'
      }
    >
      {token === null ? (
        <KeyForm onClose={close} onToken={setToken} />
      ) : (
        <KeyShown token={token} onClose={close} />
      )}
    </FormDialog>
  )
}

function KeyForm({ onClose, onToken }: { onClose(): void; onToken(token: string): void }) {
  const [name, setName] = useState('')
  const [access, setAccess] = useState<Access>('ask')
  const [tried, setTried] = useState(false)
  const create = useCommand('keys.create', {
    inline: true,
    done: (output, client) => {
      void client.invalidateQueries({ queryKey: keyOf('grants.list') })
      onToken(output.token)
    },
  })
  const checked = api['keys.create'].input.safeParse({ name, access })
  const wrong = tried ? checked.error?.issues.find((issue) => issue.path[0] === 'name')?.message : undefined
  return (
    <form
      className={styles.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        setTried(true)
        if (checked.success && !create.isPending) create.mutate({ name, access })
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
      <AccessChoice value={access} onChange={setAccess} />
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

function KeyShown({ token, onClose }: { token: string; onClose(): void }) {
  const status = useCall('status.get', undefined)
  return (
    <div className={styles.form}>
      <CopyField label="Key" value={token} whole />
      {status.data && <CopyField label="Address to use it with" value={status.data.bridge.localUrl} />}
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
