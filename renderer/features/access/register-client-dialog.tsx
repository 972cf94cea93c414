import { useState } from 'react'
import { keyOf, problemOf, useCommand } from '../../pipe/host.tsx'
import { Button } from '../../ui/button.tsx'
import { Check } from '../../ui/check.tsx'
import { DialogActions, FormDialog } from '../../ui/dialog.tsx'
import { TextField } from '../../ui/field.tsx'
import { Problem } from '../../ui/problem.tsx'
import { Radios } from '../../ui/radios.tsx'
import { keep } from '../approvals/kept.ts'
import { AccessChoice } from './access-choice.tsx'
import styles from './access-page.module.css'
import { type ClientForm, checkClient, EMPTY_CLIENT } from './client-form.ts'
import { WorkspaceChoice } from './workspace-choice.tsx'

/** For apps that want an ID and perhaps a secret typed in. The secret is shown once, by the dialog over every page. */
export function RegisterClientDialog({ open, onClose }: { open: boolean; onClose(): void }) {
  return (
    <FormDialog
      open={open}
      onClose={onClose}
      title="Register an app"
      text="For apps that ask you for a client ID. ChatGPT and Claude do this by themselves."
    >
      <RegisterForm onClose={onClose} />
    </FormDialog>
  )
}

const KINDS = [
  { value: 'browser', label: 'It signs in with a browser', text: 'A page opens, and you let it in here.' },
  {
    value: 'alone',
    label: 'It works by itself',
    text: 'A program without a screen. It is let in at once (client credentials).',
  },
] as const

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
        label="Name"
        value={form.name}
        onChange={(name) => change({ name })}
        maxLength={40}
        placeholder="For example: my notebook"
        wrong={wrong.name}
      />
      <Radios
        legend="How does it get in?"
        value={form.kind}
        options={KINDS}
        onChange={(kind) => change({ kind })}
      />
      {form.kind === 'browser' ? (
        <>
          <TextField
            label="Redirect addresses"
            mono
            lines={2}
            value={form.redirects}
            onChange={(redirects) => change({ redirects })}
            placeholder="https://example.com/oauth/callback"
            hint="One per line, exactly as the app shows them."
            wrong={wrong.redirects}
          />
          <Check
            label="It can keep a secret"
            text="Switch on for apps on a server, which ask for a client secret too."
            checked={form.confidential}
            onChange={(confidential) => change({ confidential })}
          />
        </>
      ) : (
        <AccessChoice value={form.access} onChange={(access) => change({ access })} />
      )}
      <WorkspaceChoice value={form.workspace} onChange={(workspace) => change({ workspace })} />
      <TextField
        label="Scopes"
        mono
        value={form.scopes}
        onChange={(scopes) => change({ scopes })}
        placeholder="mcp:use mcp:read"
        hint="Only if the app tells you any. They can narrow what you allow, never widen it."
        wrong={wrong.scopes}
      />
      {register.error !== null && <Problem problem={problemOf(register.error)} />}
      <DialogActions
        safe={<Button onClick={onClose}>Cancel</Button>}
        act={
          <Button intent="primary" type="submit" busy={register.isPending}>
            Register it
          </Button>
        }
      />
    </form>
  )
}
