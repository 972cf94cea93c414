import { Tabs } from '@base-ui/react/tabs'
import { type RefObject, useRef, useState } from 'react'
import { Button } from '../../parts/button.tsx'
import { DialogActions, FormDialog } from '../../parts/dialog.tsx'
import { TextField } from '../../parts/field.tsx'
import { Problem } from '../../parts/problem.tsx'
import { showDone } from '../../parts/toasts.tsx'
import { keyOf, problemOf, useCommand } from '../../pipe/host.tsx'
import styles from './add-server.module.css'
import { CommandPreview } from './command-preview.tsx'
import { PairsField } from './pairs-field.tsx'
import { checkForm, EMPTY_FORM, type ServerForm, suggestName } from './server-form.ts'

/** A program on this computer, or an address. Nothing runs before the button is pressed. */
export function AddServerDialog({ open, onClose }: { open: boolean; onClose(): void }) {
  const first = useRef<HTMLElement>(null)
  return (
    <FormDialog
      open={open}
      onClose={onClose}
      focus={first}
      title="Add a server"
      text="A server gives assistants new tools. It runs with your rights on this computer: add only what you trust."
    >
      <AddServerForm onClose={onClose} first={first} />
    </FormDialog>
  )
}

/** Lives only while the dialog is open, so each opening starts empty. */
function AddServerForm({ onClose, first }: { onClose(): void; first: RefObject<HTMLElement | null> }) {
  const [form, setForm] = useState<ServerForm>(EMPTY_FORM)
  const [named, setNamed] = useState(false)
  const [tried, setTried] = useState(false)
  const add = useCommand('servers.add', {
    inline: true,
    done: (server, client) => {
      void client.invalidateQueries({ queryKey: keyOf('servers.list') })
      void client.invalidateQueries({ queryKey: keyOf('tools.list') })
      showDone(`${server.name} was added`)
      onClose()
    },
  })
  const checked = checkForm(form)
  const wrong = tried && !checked.ok ? checked.wrong : {}
  const change = (patch: Partial<ServerForm>) =>
    setForm((old) => {
      const next = { ...old, ...patch }
      return named ? next : { ...next, name: suggestName(next) }
    })

  return (
    <form
      className={styles.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        setTried(true)
        if (checked.ok && !add.isPending) add.mutate(checked.input)
      }}
    >
      <Tabs.Root
        className={styles.form}
        value={form.kind}
        onValueChange={(kind) => change({ kind: kind as ServerForm['kind'] })}
      >
        <Tabs.List className={styles.tabs} aria-label="Kind of server">
          <Tabs.Tab value="stdio" className={styles.tab}>
            On this computer
          </Tabs.Tab>
          <Tabs.Tab value="http" className={styles.tab}>
            At a web address
          </Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="stdio" className={styles.panel}>
          <TextField
            ref={first}
            label="Command"
            mono
            lines={2}
            value={form.line}
            onChange={(line) => change({ line })}
            placeholder="npx -y @modelcontextprotocol/server-filesystem /home/me/Documents"
            hint="Paste the whole line from the server’s own page."
            wrong={wrong.line}
          />
          <CommandPreview line={form.line} />
          <PairsField
            label="Keys and passwords it needs"
            hint="Kept with your other secrets; given to this program only."
            add="Add a value"
            pairs={form.env}
            wrong={wrong.pairs}
            onChange={(env) => change({ env })}
          />
        </Tabs.Panel>
        <Tabs.Panel value="http" className={styles.panel}>
          <TextField
            label="Address"
            mono
            type="url"
            value={form.url}
            onChange={(url) => change({ url })}
            placeholder="https://example.com/mcp"
            wrong={wrong.url}
          />
          <PairsField
            label="Headers it needs"
            hint="For example Authorization. Kept with your other secrets; sent to this address only."
            add="Add a header"
            pairs={form.headers}
            wrong={wrong.pairs}
            onChange={(headers) => change({ headers })}
          />
        </Tabs.Panel>
      </Tabs.Root>
      <TextField
        label="Name"
        value={form.name}
        maxLength={40}
        onChange={(name) => {
          setNamed(name !== '')
          setForm((old) => ({ ...old, name }))
        }}
        hint="How you and the assistants will see it."
        wrong={wrong.name}
      />
      {add.error !== null && <Problem problem={problemOf(add.error)} />}
      {add.isPending && form.kind === 'stdio' && (
        <p className={styles.small} role="status">
          Starting it. The first time may take a minute, because its program may have to be fetched.
        </p>
      )}
      <DialogActions
        safe={<Button onClick={onClose}>Cancel</Button>}
        act={
          <Button intent="primary" type="submit" busy={add.isPending}>
            {form.kind === 'stdio' ? 'Add and run it' : 'Add it'}
          </Button>
        }
      />
    </form>
  )
}
