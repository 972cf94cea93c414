import { useRef, useState } from 'react'
import { api } from '../../../src/contract/api.ts'
import type { Tool } from '../../../src/contract/tools.ts'
import { keyOf, problemOf, useCall, useCommand } from '../../pipe/host.tsx'
import { Button } from '../../ui/button.tsx'
import { DialogActions, FormDialog } from '../../ui/dialog.tsx'
import { TextField } from '../../ui/field.tsx'
import { LONGEST_TITLE, Plain } from '../../ui/plain.tsx'
import { Problem } from '../../ui/problem.tsx'
import { showDone } from '../../ui/toasts.tsx'
import { listWords } from '../../words/limits.ts'
import styles from '../servers/form/add-server.module.css'
import { whoSees } from './who-sees.ts'

const NAMED = 5

/** Another public name for one tool, or its usual one back. */
export function RenameToolDialog({ tool, onClose }: { tool: Tool; onClose(): void }) {
  const field = useRef<HTMLElement>(null)
  const [name, setName] = useState(tool.name)
  const [tried, setTried] = useState(false)
  const set = useCommand('tools.set', {
    inline: true,
    done: (changed, client) => {
      void client.invalidateQueries({ queryKey: keyOf('tools.list') })
      void client.invalidateQueries({ queryKey: keyOf('grants.list') })
      showDone(`It is called ${changed.name} now`)
      onClose()
    },
  })
  const input = { id: tool.id, alias: name.trim() }
  const checked = api['tools.set'].input.safeParse(input)
  const wrong = tried ? checked.error?.issues[0]?.message : undefined
  return (
    <FormDialog
      open
      onClose={onClose}
      focus={field}
      title={`Rename “${tool.title || tool.original}”`}
      text="The name by which assistants call this tool. What was allowed before stays allowed under the new name."
    >
      <form
        className={styles.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          setTried(true)
          if (!checked.success || set.isPending) return
          if (name.trim() === tool.name) onClose()
          else set.mutate(input)
        }}
      >
        <TextField
          ref={field}
          label="Name for assistants"
          mono
          value={name}
          onChange={setName}
          maxLength={64}
          hint="Letters, digits, dashes and underscores."
          wrong={wrong}
        />
        <p className={styles.small}>
          <Plain text={tool.source} longest={LONGEST_TITLE} /> itself calls it{' '}
          <code>
            <Plain text={tool.original} />
          </code>
          .
        </p>
        <WhoSees tool={tool} />
        {tool.alias !== null && (
          <Button
            size="small"
            className={styles.add}
            disabled={set.isPending}
            onClick={() => set.mutate({ id: tool.id, alias: null })}
          >
            Give it back its usual name
          </Button>
        )}
        {set.error !== null && <Problem problem={problemOf(set.error)} />}
        <DialogActions
          safe={<Button onClick={onClose}>Cancel</Button>}
          act={
            <Button intent="primary" type="submit" busy={set.isPending}>
              Rename
            </Button>
          }
        />
      </form>
    </FormDialog>
  )
}

function WhoSees({ tool }: { tool: Tool }) {
  const grants = useCall('grants.list', undefined)
  const workspaces = useCall('workspaces.list', undefined)
  if (!grants.data || !workspaces.data) return null
  const names = whoSees(tool, grants.data, workspaces.data, Date.now())
  if (names.length === 0)
    return <p className={styles.small}>Nobody has this tool at the moment, so nobody notices.</p>
  const listed = names.length > NAMED ? [...names.slice(0, NAMED), `${names.length - NAMED} others`] : names
  return (
    <p className={styles.small}>
      <Plain text={listWords(listed)} /> will see the new name the next time{' '}
      {names.length === 1 ? 'it fetches' : 'they fetch'} the list. Access shows who still has the old one.
    </p>
  )
}
