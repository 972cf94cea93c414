import { useState } from 'react'
import { say } from '../../../../locales/say.ts'
import type { Server } from '../../../../src/contract/servers.ts'
import { useCommand } from '../../../pipe/host.tsx'
import { Button } from '../../../ui/button.tsx'
import { TextField } from '../../../ui/field.tsx'
import { useForm } from '../../../ui/form-dialog.tsx'
import { Failure } from '../../../ui/problem.tsx'
import styles from '../sign-in.module.css'
import { withNewKey } from './edit-form.ts'

/** Whether it answered that it does not take what we know it by (HTTP 401 or 403). */
export const wantsKey = (server: Server): boolean =>
  server.kind !== 'stdio' &&
  server.error?.code === 'server-refused' &&
  (server.state === 'failed' || server.state === 'waiting')

/** Where trying again with the same key would change nothing: the field for another one. */
export function NewKey({ server }: { server: Server }) {
  const [key, setKey] = useState('')
  const edit = useCommand('servers.edit', {
    inline: true,
    refreshes: ['servers.list', 'tools.list'],
    done: () => {
      setKey('')
      form.setTried(false)
    },
  })
  const { header, checked } = withNewKey(server, key)
  const empty = key.trim() === ''
  const form = useForm(edit, !empty && checked.ok ? checked.input : null)
  const wrong = !form.tried
    ? undefined
    : empty
      ? say('servers.newKey.typeOrPasteThe')
      : checked.ok
        ? undefined
        : (checked.wrong.key ?? checked.wrong.pairs)
  return (
    <form className={styles.panel} noValidate onSubmit={form.submit}>
      <TextField
        label={say('servers.newKey.keyFor', { name: server.name })}
        mono
        type="password"
        value={key}
        onChange={setKey}
        hint={say('servers.newKey.sentAsToThis', { header })}
        wrong={wrong}
      />
      <Failure of={edit.error} />
      <div className={styles.buttons}>
        <Button intent="primary" type="submit" busy={edit.isPending}>
          {say('servers.newKey.enterAnotherKey')}
        </Button>
      </div>
    </form>
  )
}
