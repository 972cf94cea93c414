import { useState } from 'react'
import { say } from '../../../locales/say.ts'
import { keyOf, problemOf, useCommand } from '../../pipe/host.tsx'
import { Button } from '../../ui/button.tsx'
import { Check } from '../../ui/check.tsx'
import { DialogActions, FormDialog } from '../../ui/dialog.tsx'
import { TextField } from '../../ui/field.tsx'
import { Problem } from '../../ui/problem.tsx'
import { Radios } from '../../ui/radios.tsx'
import { keep } from '../approvals/kept.ts'
import styles from './access-page.module.css'
import { AccessChoice } from './choose/access-choice.tsx'
import { WorkspaceChoice } from './choose/workspace-choice.tsx'
import { type ClientForm, checkClient, EMPTY_CLIENT } from './client-form.ts'

/** For apps that want an ID and perhaps a secret typed in. The secret is shown once, by the dialog over every page. */
export function RegisterClientDialog({ open, onClose }: { open: boolean; onClose(): void }) {
  return (
    <FormDialog
      open={open}
      onClose={onClose}
      title={say('access.register.title')}
      text={say('access.register.text')}
    >
      <RegisterForm onClose={onClose} />
    </FormDialog>
  )
}

function RegisterForm({ onClose }: { onClose(): void }) {
  const [form, setForm] = useState<ClientForm>(EMPTY_CLIENT)
  const [tried, setTried] = useState(false)
  const register = useCommand('clients.register', {
    inline: true,
    done: (made, client) => {
      void client.invalidateQueries({ queryKey: keyOf('clients.list') })
      void client.invalidateQueries({ queryKey: keyOf('grants.list') })
      keep({ kind: 'client', made })
      onClose()
    },
  })
  const checked = checkClient(form)
  const wrong = tried && !checked.ok ? checked.wrong : {}
  const change = (patch: Partial<ClientForm>) => setForm((old) => ({ ...old, ...patch }))
  return (
    <form
      className={styles.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        setTried(true)
        if (checked.ok && !register.isPending) register.mutate(checked.input)
      }}
    >
      <TextField
        label={say('common.name')}
        value={form.name}
        onChange={(name) => change({ name })}
        maxLength={40}
        placeholder={say('access.register.example')}
        wrong={wrong.name}
      />
      <HowItGetsIn form={form} wrong={wrong} change={change} />
      <WorkspaceChoice value={form.workspace} onChange={(workspace) => change({ workspace })} />
      <TextField
        label={say('common.scopes')}
        mono
        value={form.scopes}
        onChange={(scopes) => change({ scopes })}
        placeholder="mcp:use mcp:read"
        hint={say('access.register.onlyIfTheApp')}
        wrong={wrong.scopes}
      />
      {register.error !== null && <Problem problem={problemOf(register.error)} />}
      <DialogActions
        safe={<Button onClick={onClose}>{say('common.cancel')}</Button>}
        act={
          <Button intent="primary" type="submit" busy={register.isPending}>
            {say('access.register.registerIt')}
          </Button>
        }
      />
    </form>
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
