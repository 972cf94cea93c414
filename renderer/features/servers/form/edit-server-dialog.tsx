import { type RefObject, useRef, useState } from 'react'
import { say } from '../../../../locales/say.ts'
import type { Server } from '../../../../src/contract/servers.ts'
import { keyOf, problemOf, useCommand } from '../../../pipe/host.tsx'
import { Button } from '../../../ui/button.tsx'
import { DialogActions, FormDialog } from '../../../ui/dialog.tsx'
import { TextField } from '../../../ui/field.tsx'
import { Problem } from '../../../ui/problem.tsx'
import { showDone } from '../../../ui/toasts.tsx'
import styles from './add-server.module.css'
import { checkEditForm, formOf } from './edit-form.ts'
import { AddressFields, ProgramFields } from './server-fields.tsx'
import type { ServerForm } from './server-form.ts'

interface EditServerProps {
  server: Server
  open: boolean
  onClose(): void
}

/** What is started or contacted, and with which values. Nothing changes before the button is pressed. */
export function EditServerDialog({ server, open, onClose }: EditServerProps) {
  const first = useRef<HTMLElement>(null)
  return (
    <FormDialog
      open={open}
      onClose={onClose}
      focus={first}
      title={say('servers.edit.change', { name: server.name })}
      text={say(server.kind === 'stdio' ? 'servers.edit.textProgram' : 'servers.edit.textAddress')}
    >
      <EditServerForm server={server} onClose={onClose} first={first} />
    </FormDialog>
  )
}

/** Lives only while the dialog is open, so each opening starts with the server as it is. */
function EditServerForm({
  server,
  onClose,
  first,
}: Omit<EditServerProps, 'open'> & { first: RefObject<HTMLElement | null> }) {
  const [form, setForm] = useState<ServerForm>(() => formOf(server))
  const [tried, setTried] = useState(false)
  const edit = useCommand('servers.edit', {
    inline: true,
    done: (changed, client) => {
      void client.invalidateQueries({ queryKey: keyOf('servers.list') })
      void client.invalidateQueries({ queryKey: keyOf('tools.list') })
      onClose()
      if (changed.state === 'running' || changed.state === 'stopped')
        showDone(say('servers.edit.wasChanged', { name: changed.name }))
    },
  })
  const checked = checkEditForm(form, server)
  const wrong = tried && !checked.ok ? checked.wrong : {}
  const change = (patch: Partial<ServerForm>) => setForm((old) => ({ ...old, ...patch }))
  return (
    <form
      className={styles.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        setTried(true)
        if (checked.ok && !edit.isPending) edit.mutate(checked.input)
      }}
    >
      {form.kind === 'stdio' ? (
        <ProgramFields form={form} wrong={wrong} change={change} first={first} />
      ) : (
        <AddressFields
          form={form}
          wrong={wrong}
          change={change}
          first={first}
          signedIn={server.signIn.state === 'signed-in'}
        />
      )}
      <TextField
        label={say('common.name')}
        value={form.name}
        maxLength={40}
        onChange={(name) => change({ name })}
        wrong={wrong.name}
      />
      {edit.error !== null && <Problem problem={problemOf(edit.error)} />}
      <DialogActions
        safe={<Button onClick={onClose}>{say('common.cancel')}</Button>}
        act={
          <Button intent="primary" type="submit" busy={edit.isPending}>
            {say('common.save')}
          </Button>
        }
      />
    </form>
  )
}
