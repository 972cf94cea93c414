import { useState } from 'react'
import { say } from '../../../locales/say.ts'
import type { Access } from '../../../src/contract/access.ts'
import { api } from '../../../src/contract/api.ts'
import { keyOf, problemOf, useCommand } from '../../pipe/host.tsx'
import { Button } from '../../ui/button.tsx'
import { DialogActions, FormDialog } from '../../ui/dialog.tsx'
import { TextField } from '../../ui/field.tsx'
import { Problem } from '../../ui/problem.tsx'
import { useNow } from '../../ui/use-now.ts'
import { expiryAt, limitsProblem, NO_LIMITS } from '../../words/limits.ts'
import { keep } from '../approvals/kept.ts'
import styles from './access-page.module.css'
import { AccessChoice } from './choose/access-choice.tsx'
import { Limits } from './choose/limits.tsx'
import { WorkspaceChoice } from './choose/workspace-choice.tsx'

/** A key for a program that takes one. Its token is shown once, by the dialog over every page. */
export function CreateKeyDialog({ open, onClose }: { open: boolean; onClose(): void }) {
  return (
    <FormDialog
      open={open}
      onClose={onClose}
      title={say('common.createKey')}
      text={say('access.createKey.text')}
    >
      <KeyForm onClose={onClose} />
    </FormDialog>
  )
}

function KeyForm({ onClose }: { onClose(): void }) {
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
      keep({ kind: 'key', made: output })
      onClose()
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
        label={say('common.name')}
        value={name}
        onChange={setName}
        maxLength={40}
        placeholder={say('access.createKey.example')}
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
        safe={<Button onClick={onClose}>{say('common.cancel')}</Button>}
        act={
          <Button intent="primary" type="submit" busy={create.isPending}>
            {say('access.createKey.action')}
          </Button>
        }
      />
    </form>
  )
}
