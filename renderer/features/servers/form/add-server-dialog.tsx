import { Tabs } from '@base-ui/react/tabs'
import { useRef, useState } from 'react'
import { say } from '../../../../locales/say.ts'
import { firstStartWords } from '../../../../src/contract/agreed/first-start.ts'
import type { Input } from '../../../../src/contract/api.ts'
import type { Pasted } from '../../../../src/contract/pasted.ts'
import { TextField } from '../../../ui/field.tsx'
import { Form, FormDialog, useForm } from '../../../ui/form-dialog.tsx'
import { useIsHere } from '../../../ui/hooks/use-is-here.ts'
import { Small } from '../../../ui/text.tsx'
import styles from './add-server.module.css'
import { PastedServers } from './pasted-servers.tsx'
import { AddressFields, ProgramFields } from './server-fields.tsx'
import { checkForm, EMPTY_FORM, formOf, type ServerForm, suggestName } from './server-form.ts'
import { useAddServer } from './use-add-server.ts'
import { isCommand, isPaste, type Reading, usePasted } from './use-pasted.ts'

/** A program on this computer, or an address. Nothing runs before the button is pressed. */
export function AddServerDialog({ onClose }: { onClose(): void }) {
  const first = useRef<HTMLElement>(null)
  const { server, wrong, reading, pasted, form, starts, change, rename, take } = useAddForm(onClose)
  const local = server.kind === 'stdio'
  return (
    <FormDialog
      onClose={onClose}
      focus={first}
      title={say('servers.add.title')}
      text={say('servers.add.text')}
    >
      {pasted !== null ? (
        <PastedServers pasted={pasted} onClose={onClose} onForm={take} />
      ) : (
        <Form
          form={form}
          action={say(local ? 'servers.add.addAndRunIt' : 'servers.add.addIt')}
          onCancel={onClose}
        >
          <Tabs.Root
            className={styles.form}
            value={server.kind}
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
            <Tabs.Panel value="stdio" className={styles.form}>
              <ProgramFields
                form={server}
                wrong={wrong}
                reads
                unread={reading?.is === 'problem' || reading?.is === 'pasted'}
                change={change}
                first={first}
              />
            </Tabs.Panel>
            <Tabs.Panel value="http" className={styles.form}>
              <AddressFields reads form={server} wrong={wrong} change={change} />
            </Tabs.Panel>
          </Tabs.Root>
          <TextField
            label={say('common.name')}
            value={server.name}
            maxLength={40}
            onChange={rename}
            hint={say('servers.add.nameHint')}
            wrong={wrong.name}
          />
          {starts && local && (
            <Small role="status">{say('servers.startingIt', { how: firstStartWords() })}</Small>
          )}
        </Form>
      )}
    </FormDialog>
  )
}

/** What is filled in, and what becomes of it. */
function useAddForm(onClose: () => void) {
  const [server, setServer] = useState<ServerForm>(EMPTY_FORM)
  /** The user gave it a name: no other one is put there. Read when an answer comes, which may be later. */
  const named = useRef(false)
  const [pasted, setPasted] = useState<Pasted | null>(null)
  const { read, known } = usePasted()
  const looking = useRef(false)
  const [isLooking, setIsLooking] = useState(false)
  const isHere = useIsHere()
  const text = server.kind === 'stdio' ? server.line : server.url
  const reading = known(text)
  const add = useAddServer(onClose)
  const checked = checkForm(server)
  const problem = reading?.is === 'problem' ? `${reading.problem.message} ${reading.problem.hint}` : null
  const withName = (next: ServerForm) => (named.current ? next : { ...next, name: suggestName(next) })
  const change = (patch: Partial<ServerForm>) => {
    const typed = patch.line ?? patch.url
    if (typed !== undefined && isPaste(text, typed)) void look(typed)
    setServer((old) => withName({ ...old, ...patch }))
  }
  /** What is no line and no address of its own is shown as what it is. */
  const look = async (typed: string): Promise<Reading | null> => {
    const reading = await read(typed)
    if (reading?.is === 'pasted') setPasted(reading.pasted)
    if (reading?.is === 'address')
      setServer((old) => {
        if (old.kind === 'http' && old.url.trim() === reading.url) return old
        return withName({ ...old, kind: 'http', url: reading.url })
      })
    if (reading?.is === 'line' && isCommand(typed))
      setServer((old) => {
        if (old.kind === 'stdio') return old
        return withName({ ...old, kind: 'stdio', line: typed.trim(), url: '' })
      })
    return reading
  }
  const submit = async (text: string) => {
    if (looking.current) return
    looking.current = true
    setIsLooking(true)
    const reading = await look(text)
    looking.current = false
    setIsLooking(false)
    // Cancelled while it was read.
    if (!isHere()) return
    if (checked.ok && reading?.is === (server.kind === 'stdio' ? 'line' : 'address'))
      add.mutate(checked.input)
  }
  const form = useForm(
    { ...add, isPending: isLooking || add.isPending, mutate: submit },
    text.trim() === '' ? null : text,
  )
  const wrong = {
    ...(form.tried && !checked.ok ? checked.wrong : {}),
    ...(problem !== null && { [server.kind === 'stdio' ? 'line' : 'url']: problem }),
  }
  const rename = (name: string) => {
    named.current = name !== ''
    setServer((old) => ({ ...old, name }))
  }
  /** Back from what was pasted, with one server of it or as it was. */
  const take = (input: Input<'servers.add'> | null) => {
    setPasted(null)
    if (!input) return
    named.current = true
    setServer(formOf(input))
  }
  return { server, wrong, reading, pasted, form, starts: add.isPending, change, rename, take }
}
