import { Tabs } from '@base-ui/react/tabs'
import { type RefObject, useRef, useState } from 'react'
import { say } from '../../../../locales/say.ts'
import { firstStartWords } from '../../../../src/contract/agreed/first-start.ts'
import type { Input } from '../../../../src/contract/api.ts'
import type { Pasted } from '../../../../src/contract/pasted.ts'
import { problemOf } from '../../../pipe/host.tsx'
import { Button } from '../../../ui/button.tsx'
import { DialogActions, FormDialog } from '../../../ui/dialog.tsx'
import { TextField } from '../../../ui/field.tsx'
import { Problem } from '../../../ui/problem.tsx'
import styles from './add-server.module.css'
import { PastedServers } from './pasted-servers.tsx'
import { AddressFields, ProgramFields } from './server-fields.tsx'
import { checkForm, EMPTY_FORM, formOf, type ServerForm, suggestName } from './server-form.ts'
import { useAddServer } from './use-add-server.ts'
import { isCommand, isPaste, type Reading, usePasted } from './use-pasted.ts'

/** A program on this computer, or an address. Nothing runs before the button is pressed. */
export function AddServerDialog({ open, onClose }: { open: boolean; onClose(): void }) {
  const first = useRef<HTMLElement>(null)
  return (
    <FormDialog
      open={open}
      onClose={onClose}
      focus={first}
      title={say('servers.add.title')}
      text={say('servers.add.text')}
    >
      <AddServerForm onClose={onClose} first={first} />
    </FormDialog>
  )
}

/** Lives only while the dialog is open, so each opening starts empty. */
function AddServerForm({ onClose, first }: { onClose(): void; first: RefObject<HTMLElement | null> }) {
  const { form, wrong, reading, pasted, add, change, rename, take, submit } = useAddForm(onClose)
  if (pasted !== null) return <PastedServers pasted={pasted} onClose={onClose} onForm={take} />

  return (
    <form
      className={styles.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
    >
      <Tabs.Root
        className={styles.form}
        value={form.kind}
        onValueChange={(kind) => change({ kind: kind as ServerForm['kind'] })}
      >
        <Tabs.List className={styles.tabs} aria-label={say('servers.add.kindOfServer')}>
          <Tabs.Tab value="stdio" className={styles.tab}>
            {say('servers.add.program')}
          </Tabs.Tab>
          <Tabs.Tab value="http" className={styles.tab}>
            {say('servers.add.address')}
          </Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="stdio" className={styles.panel}>
          <ProgramFields
            form={form}
            wrong={wrong}
            reads
            unread={reading?.is === 'problem' || reading?.is === 'pasted'}
            change={change}
            first={first}
          />
        </Tabs.Panel>
        <Tabs.Panel value="http" className={styles.panel}>
          <AddressFields reads form={form} wrong={wrong} change={change} />
        </Tabs.Panel>
      </Tabs.Root>
      <TextField
        label={say('common.name')}
        value={form.name}
        maxLength={40}
        onChange={rename}
        hint={say('servers.add.nameHint')}
        wrong={wrong.name}
      />
      {add.error !== null && <Problem problem={problemOf(add.error)} />}
      {add.isPending && form.kind === 'stdio' && (
        <p className={styles.small} role="status">
          {say('servers.startingIt', { how: firstStartWords() })}
        </p>
      )}
      <DialogActions
        safe={<Button onClick={onClose}>{say('common.cancel')}</Button>}
        act={
          <Button intent="primary" type="submit" busy={add.isPending}>
            {form.kind === 'stdio' ? say('servers.add.addAndRunIt') : say('servers.add.addIt')}
          </Button>
        }
      />
    </form>
  )
}

/** What is filled in, and what becomes of it. */
function useAddForm(onClose: () => void) {
  const [form, setForm] = useState<ServerForm>(EMPTY_FORM)
  /** The user gave it a name: no other one is put there. Read when an answer comes, which may be later. */
  const named = useRef(false)
  const [tried, setTried] = useState(false)
  const [pasted, setPasted] = useState<Pasted | null>(null)
  const { read, known } = usePasted()
  const looking = useRef(false)
  const text = form.kind === 'stdio' ? form.line : form.url
  const reading = known(text)
  const add = useAddServer(onClose)
  const checked = checkForm(form)
  const problem = reading?.is === 'problem' ? `${reading.problem.message} ${reading.problem.hint}` : null
  const wrong = {
    ...(tried && !checked.ok ? checked.wrong : {}),
    ...(problem !== null && { [form.kind === 'stdio' ? 'line' : 'url']: problem }),
  }
  const withName = (next: ServerForm) => (named.current ? next : { ...next, name: suggestName(next) })
  const change = (patch: Partial<ServerForm>) => {
    const typed = patch.line ?? patch.url
    if (typed !== undefined && isPaste(text, typed)) void look(typed)
    setForm((old) => withName({ ...old, ...patch }))
  }
  /** What is no line and no address of its own is shown as what it is. */
  const look = async (typed: string): Promise<Reading | null> => {
    const reading = await read(typed)
    if (reading?.is === 'pasted') setPasted(reading.pasted)
    if (reading?.is === 'address')
      setForm((old) => {
        if (old.kind === 'http' && old.url.trim() === reading.url) return old
        return withName({ ...old, kind: 'http', url: reading.url })
      })
    if (reading?.is === 'line' && isCommand(typed))
      setForm((old) => {
        if (old.kind === 'stdio') return old
        return withName({ ...old, kind: 'stdio', line: typed.trim(), url: '' })
      })
    return reading
  }
  const submit = async () => {
    setTried(true)
    if (add.isPending || looking.current || text.trim() === '') return
    looking.current = true
    const reading = await look(text)
    looking.current = false
    if (checked.ok && reading?.is === (form.kind === 'stdio' ? 'line' : 'address')) add.mutate(checked.input)
  }
  const rename = (name: string) => {
    named.current = name !== ''
    setForm((old) => ({ ...old, name }))
  }
  /** Back from what was pasted, with one server of it or as it was. */
  const take = (input: Input<'servers.add'> | null) => {
    setPasted(null)
    if (!input) return
    named.current = true
    setForm(formOf(input))
  }
  return { form, wrong, reading, pasted, add, change, rename, take, submit }
}
