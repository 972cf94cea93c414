import { useRef } from 'react'
import { say } from '../../../../locales/say.ts'
import type { Server } from '../../../../src/contract/servers.ts'
import { useCommand } from '../../../pipe/host.tsx'
import { TextField } from '../../../ui/field.tsx'
import { FormDialog, useForm } from '../../../ui/form-dialog.tsx'
import { useChanges } from '../../../ui/hooks/use-changes.ts'
import { showDone } from '../../../ui/toasts.tsx'
import { checkEditForm, formOf } from './edit-form.ts'
import { AddressFields, ProgramFields } from './server-fields.tsx'

/** What is started or contacted, and with which values. Nothing changes before the button is pressed. */
export function EditServerDialog({ server, onClose }: { server: Server; onClose(): void }) {
  const first = useRef<HTMLElement>(null)
  const { value: changed, change } = useChanges(formOf(server))
  const edit = useCommand('servers.edit', {
    inline: true,
    refreshes: ['servers.list', 'tools.list'],
    done: ({ name, state }) => {
      if (state === 'running' || state === 'stopped') showDone(say('servers.edit.wasChanged', { name }))
    },
    leave: onClose,
  })
  const checked = checkEditForm(changed, server)
  const form = useForm(edit, checked.ok ? checked.input : null)
  const wrong = form.tried && !checked.ok ? checked.wrong : {}
  return (
    <FormDialog
      onClose={onClose}
      focus={first}
      title={say('servers.edit.change', { name: server.name })}
      text={say(server.kind === 'stdio' ? 'servers.edit.textProgram' : 'servers.edit.textAddress')}
      form={form}
      action={say('common.save')}
    >
      {changed.kind === 'stdio' ? (
        <ProgramFields form={changed} wrong={wrong} change={change} first={first} />
      ) : (
        <AddressFields
          form={changed}
          wrong={wrong}
          change={change}
          first={first}
          signedIn={server.signIn.state === 'signed-in'}
        />
      )}
      <TextField
        label={say('common.name')}
        value={changed.name}
        maxLength={40}
        onChange={(name) => change({ name })}
        wrong={wrong.name}
      />
    </FormDialog>
  )
}
