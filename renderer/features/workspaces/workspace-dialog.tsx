import { useState } from 'react'
import { say } from '../../../locales/say.ts'
import { api } from '../../../src/contract/api.ts'
import type { Workspace } from '../../../src/contract/workspaces.ts'
import { keyOf, problemOf, useCall, useCommand } from '../../pipe/host.tsx'
import { Button } from '../../ui/button.tsx'
import { Check } from '../../ui/check.tsx'
import { DialogActions, FormDialog } from '../../ui/dialog.tsx'
import { TextField } from '../../ui/field.tsx'
import { Problem } from '../../ui/problem.tsx'
import { showDone } from '../../ui/toasts.tsx'
import { type Source, sourcesOf, suggestAddress, wrongAddress } from './workspace-form.ts'
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
      title={
        workspace
          ? say('workspaces.changeTitle', { title: workspace.title })
          : say('workspaces.addAWorkspace')
      }
      text={workspace ? say('workspaces.whatIsTakenOut') : say('workspaces.aWorkspaceIsAn')}
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
  const { save, error, busy } = useSaving(workspace, onClose)

  const input = { name, title, sources: chosen }
  const titleIssue = api['workspaces.create'].input
    .safeParse(input)
    .error?.issues.find((issue) => issue.path[0] === 'title')?.message
  const wrong = {
    title: titleIssue,
    name: workspace ? undefined : wrongAddress(name, all.data ?? []),
    sources: chosen.length === 0 ? say('workspaces.chooseAtLeastOne') : undefined,
  }
  const ok = Object.values(wrong).every((one) => one === undefined)

  return (
    <form
      className={styles.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        setTried(true)
        if (ok && !busy) save(input)
      }}
    >
      <TextField
        label={say('common.name')}
        value={title}
        onChange={setTitle}
        maxLength={40}
        placeholder={say('workspaces.forExampleWork')}
        wrong={tried ? wrong.title : undefined}
      />
      {!workspace && (
        <TextField
          label={say('workspaces.inTheAddress')}
          mono
          value={name}
          onChange={setNamed}
          maxLength={39}
          hint={say('workspaces.addressHint', { name: name || '…' })}
          wrong={tried && title.trim() !== '' ? wrong.name : undefined}
        />
      )}
      <Sources all={sources} chosen={chosen} onChange={setChosen} wrong={tried ? wrong.sources : undefined} />
      {error !== null && <Problem problem={problemOf(error)} />}
      <DialogActions
        safe={<Button onClick={onClose}>{say('common.cancel')}</Button>}
        act={
          <Button intent="primary" type="submit" busy={busy}>
            {workspace ? say('common.save') : say('workspaces.addTheWorkspace')}
          </Button>
        }
      />
    </form>
  )
}

interface SourcesProps {
  all: readonly Source[]
  chosen: readonly string[]
  onChange(next: string[]): void
  wrong: string | undefined
}

function Sources({ all, chosen, onChange, wrong }: SourcesProps) {
  return (
    <fieldset className={styles.sources}>
      <legend className={styles.legend}>{say('workspaces.toolsLegend')}</legend>
      {all.map((source) => (
        <Check
          key={source.id}
          label={source.title}
          text={say('workspaces.sourceTools', { count: source.tools })}
          checked={chosen.includes(source.id)}
          onChange={(on) => onChange(on ? [...chosen, source.id] : chosen.filter((id) => id !== source.id))}
        />
      ))}
      {wrong && (
        <p className={styles.wrong} role="alert">
          {wrong}
        </p>
      )}
    </fieldset>
  )
}

function useSaving(workspace: Workspace | null, onClose: () => void) {
  const done = (made: Workspace, client: Parameters<typeof refresh>[0]) => {
    refresh(client)
    showDone(
      workspace
        ? say('workspaces.wasChanged', { title: made.title })
        : say('workspaces.wasAdded', { title: made.title }),
    )
    onClose()
  }
  const create = useCommand('workspaces.create', { inline: true, done })
  const update = useCommand('workspaces.update', { inline: true, done })
  return {
    save: (workspace ? update : create).mutate,
    error: create.error ?? update.error,
    busy: create.isPending || update.isPending,
  }
}

const refresh = (client: { invalidateQueries(filter: { queryKey: readonly unknown[] }): Promise<void> }) =>
  void client.invalidateQueries({ queryKey: keyOf('workspaces.list') })
