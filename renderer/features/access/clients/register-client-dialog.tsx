import { useState } from 'react'
import { say } from '../../../../locales/say.ts'
import { useCommand } from '../../../pipe/host.tsx'
import { Check } from '../../../ui/check.tsx'
import { TextField } from '../../../ui/field.tsx'
import { FormDialog, useForm } from '../../../ui/form-dialog.tsx'
import { Radios } from '../../../ui/radios.tsx'
import { keep } from '../../approvals/kept.ts'
import { AccessChoice } from '../choose/access-choice.tsx'
import { WorkspaceChoice } from '../choose/workspace-choice.tsx'
import { type ClientForm, checkClient, EMPTY_CLIENT } from './client-form.ts'

/** For apps that want an ID and perhaps a secret typed in. The secret is shown once, by the dialog over every page. */
export function RegisterClientDialog({ onClose }: { onClose(): void }) {
  const [client, setClient] = useState<ClientForm>(EMPTY_CLIENT)
  const register = useCommand('clients.register', {
    inline: true,
    refreshes: ['clients.list', 'grants.list'],
    done: (made) => keep({ kind: 'client', made }),
    leave: onClose,
  })
  const checked = checkClient(client)
  const form = useForm(register, checked.ok ? checked.input : null)
  const wrong = form.tried && !checked.ok ? checked.wrong : {}
  const change = (patch: Partial<ClientForm>) => setClient((old) => ({ ...old, ...patch }))
  return (
    <FormDialog
      onClose={onClose}
      title={say('access.register.title')}
      text={say('access.register.text')}
      form={form}
      action={say('access.register.registerIt')}
    >
      <TextField
        label={say('common.name')}
        value={client.name}
        onChange={(name) => change({ name })}
        maxLength={40}
        placeholder={say('access.register.example')}
        wrong={wrong.name}
      />
      <HowItGetsIn form={client} wrong={wrong} change={change} />
      <WorkspaceChoice value={client.workspace} onChange={(workspace) => change({ workspace })} />
      <TextField
        label={say('common.scopes')}
        mono
        value={client.scopes}
        onChange={(scopes) => change({ scopes })}
        placeholder="mcp:use mcp:read"
        hint={say('access.register.onlyIfTheApp')}
        wrong={wrong.scopes}
      />
    </FormDialog>
  )
}

const kindChoices = () =>
  (['browser', 'alone'] as const).map((value) => ({
    value,
    label: say(`access.clientKind.${value}.label`),
    text: say(`access.clientKind.${value}.text`),
  }))

interface HowProps {
  form: ClientForm
  wrong: { redirects?: string }
  change(patch: Partial<ClientForm>): void
}

/** With a browser, and so with somewhere to go back to; or by itself, and so as far as is said here. */
function HowItGetsIn({ form, wrong, change }: HowProps) {
  return (
    <>
      <Radios
        legend={say('access.register.howDoesItGet')}
        value={form.kind}
        options={kindChoices()}
        onChange={(kind) => change({ kind })}
      />
      {form.kind === 'browser' ? (
        <>
          <TextField
            label={say('access.register.redirectAddresses')}
            mono
            lines={2}
            value={form.redirects}
            onChange={(redirects) => change({ redirects })}
            placeholder="https://example.com/oauth/callback"
            hint={say('access.register.onePerLineExactly')}
            wrong={wrong.redirects}
          />
          <Check
            label={say('access.register.itCanKeepA')}
            text={say('access.register.switchOnForApps')}
            checked={form.confidential}
            onChange={(confidential) => change({ confidential })}
          />
        </>
      ) : (
        <AccessChoice value={form.access} onChange={(access) => change({ access })} />
      )}
    </>
  )
}
