import { useState } from 'react'
import { api } from '../../../src/contract/api.ts'
import type { Workspace } from '../../../src/contract/workspaces.ts'
import { keyOf, problemOf, useCall, useCommand } from '../../pipe/host.tsx'
import { Button } from '../../ui/button.tsx'
import { Check } from '../../ui/check.tsx'
import { DialogActions, FormDialog } from '../../ui/dialog.tsx'
import { TextField } from '../../ui/field.tsx'
import { Problem } from '../../ui/problem.tsx'
import { showDone } from '../../ui/toasts.tsx'
import { sourcesOf, suggestAddress, wrongAddress } from './workspace-form.ts'
import styles from './workspaces.module.css'

interface WorkspaceDialogProps {
  /** Null: a new one. */
  workspace: Workspace | null
  open: boolean
  onClose(): void
}

export function WorkspaceDialog({ workspace, open, onClose }: WorkspaceDialogProps) {
  return (
    <FormDialog
      open={open}
      onClose={onClose}
      title={workspace ? `Change “${workspace.title}”` : 'Add a workspace'}
      text={
        workspace
          ? 'What is taken out is gone at once for every app that uses this workspace.'
          : 'A workspace is an address of its own with only some of your tools. Apps connected to it see nothing else.'
      }
    >
      <WorkspaceForm workspace={workspace} onClose={onClose} />
    </FormDialog>
  )
}

/** Lives only while the dialog is open. */
function WorkspaceForm({ workspace, onClose }: Omit<WorkspaceDialogProps, 'open'>) {
  const [title, setTitle] = useState(workspace?.title ?? '')
  const [named, setNamed] = useState<string | null>(null)
  const [chosen, setChosen] = useState<string[]>(workspace?.sources ?? [])
  const [tried, setTried] = useState(false)
  const tools = useCall('tools.list', undefined)
  const all = useCall('workspaces.list', undefined)
  const sources = sourcesOf(tools.data ?? [], workspace?.sources ?? [])
  const name = workspace?.name ?? named ?? suggestAddress(title)
  const done = (made: Workspace, client: Parameters<typeof refresh>[0]) => {
    refresh(client)
    showDone(workspace ? `${made.title} was changed` : `${made.title} was added`)
    onClose()
  }
  const create = useCommand('workspaces.create', { inline: true, done })
  const update = useCommand('workspaces.update', { inline: true, done })
  const error = create.error ?? update.error
  const busy = create.isPending || update.isPending

  const input = { name, title, sources: chosen }
  const titleIssue = api['workspaces.create'].input
    .safeParse(input)
    .error?.issues.find((issue) => issue.path[0] === 'title')?.message
  const wrong = {
    title: titleIssue,
    name: workspace ? undefined : wrongAddress(name, all.data ?? []),
    sources: chosen.length === 0 ? 'Choose at least one.' : undefined,
  }
  const ok = Object.values(wrong).every((one) => one === undefined)

  return (
    <form
      className={styles.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        setTried(true)
        if (!ok || busy) return
        if (workspace) update.mutate(input)
        else create.mutate(input)
      }}
    >
      <TextField
        label="Name"
        value={title}
        onChange={setTitle}
        maxLength={40}
        placeholder="For example: Work"
        wrong={tried ? wrong.title : undefined}
      />
      {!workspace && (
        <TextField
          label="In the address"
          mono
          value={name}
          onChange={setNamed}
          maxLength={39}
          hint={`The address ends in /mcp/${name || '…'}. It cannot be changed later.`}
          wrong={tried && title.trim() !== '' ? wrong.name : undefined}
        />
      )}
      <fieldset className={styles.sources}>
        <legend className={styles.legend}>Tools from</legend>
        {sources.map((source) => (
          <Check
            key={source.id}
            label={source.title}
            text={
              source.tools === 0
                ? 'not there at the moment'
                : source.tools === 1
                  ? '1 tool'
                  : `${source.tools} tools`
            }
            checked={chosen.includes(source.id)}
            onChange={(on) =>
              setChosen(on ? [...chosen, source.id] : chosen.filter((id) => id !== source.id))
            }
          />
        ))}
        {tried && wrong.sources && (
          <p className={styles.wrong} role="alert">
            {wrong.sources}
          </p>
        )}
      </fieldset>
      {error !== null && <Problem problem={problemOf(error)} />}
      <DialogActions
        safe={<Button onClick={onClose}>Cancel</Button>}
        act={
          <Button intent="primary" type="submit" busy={busy}>
            {workspace ? 'Save' : 'Add the workspace'}
          </Button>
        }
      />
    </form>
  )
}

const refresh = (client: { invalidateQueries(filter: { queryKey: readonly unknown[] }): Promise<void> }) =>
  void client.invalidateQueries({ queryKey: keyOf('workspaces.list') })
