import { useState } from 'react'
import { say } from '../../../locales/say.ts'
import type { Workspace } from '../../../src/contract/workspaces.ts'
import { useCall, useCommand } from '../../pipe/host.tsx'
import { Check } from '../../ui/check.tsx'
import { FieldGroup, TextField } from '../../ui/field.tsx'
import { FormDialog, useForm } from '../../ui/form-dialog.tsx'
import { useChanges } from '../../ui/hooks/use-changes.ts'
import { showDone } from '../../ui/toasts.tsx'
import { wrongIn } from '../../words/wrong.ts'
import { type Source, sourcesOf, suggestAddress, wrongAddress } from './workspace-form.ts'

interface WorkspaceDialogProps {
  /** Null: a new one. */
  workspace: Workspace | null
  onClose(): void
}

export function WorkspaceDialog({ workspace, onClose }: WorkspaceDialogProps) {
  const before = workspace?.sources ?? []
  const {
    value: { title },
    changes,
    change,
  } = useChanges({ title: workspace?.title ?? '' })
  /** One by one, so that what another window puts in or takes out meanwhile stays so. */
  const chosen = useChanges<Record<string, true | undefined>>(
    Object.fromEntries(before.map((id) => [id, true])),
  )
  const sources = Object.keys(chosen.value).filter((id) => chosen.value[id])
  const [named, setNamed] = useState<string | null>(null)
  const tools = useCall('tools.list', undefined)
  const all = useCall('workspaces.list', undefined)
  const name = workspace?.name ?? named ?? suggestAddress(title)
  const save = useSaving(workspace, onClose)
  const input = { name, title, sources }
  const wrong = {
    title: wrongIn('workspaces.create', input, 'title'),
    name: workspace ? undefined : wrongAddress(name, all.data ?? []),
    sources: sources.length === 0 ? say('workspaces.chooseAtLeastOne') : undefined,
  }
  const isOther = Object.keys(chosen.changes).length > 0
  const changed = { name, ...changes, ...(isOther && { sources }) }
  const isNothing = workspace !== null && Object.keys(changed).length === 1
  const mutate = () => (isNothing ? onClose() : save.mutate(workspace ? changed : input))
  const ready = Object.values(wrong).every((one) => one === undefined)
  const form = useForm({ ...save, mutate }, ready ? input : null)
  return (
    <FormDialog
      onClose={onClose}
      title={
        workspace
          ? say('workspaces.changeTitle', { title: workspace.title })
          : say('workspaces.addAWorkspace')
      }
      text={workspace ? say('workspaces.whatIsTakenOut') : say('workspaces.aWorkspaceIsAn')}
      form={form}
      action={workspace ? say('common.save') : say('workspaces.addTheWorkspace')}
    >
      <TextField
        label={say('common.name')}
        value={title}
        onChange={(next) => change({ title: next })}
        maxLength={40}
        placeholder={say('workspaces.forExampleWork')}
        wrong={form.tried ? wrong.title : undefined}
      />
      {!workspace && (
        <TextField
          label={say('workspaces.inTheAddress')}
          mono
          value={name}
          onChange={setNamed}
          maxLength={39}
          hint={say('workspaces.addressHint', { name: name || '…' })}
          wrong={form.tried && title.trim() !== '' ? wrong.name : undefined}
        />
      )}
      <Sources
        all={sourcesOf(tools.data ?? [], before)}
        chosen={sources}
        onToggle={(id, on) => chosen.change({ [id]: on || undefined })}
        wrong={form.tried ? wrong.sources : undefined}
      />
    </FormDialog>
  )
}

interface SourcesProps {
  all: readonly Source[]
  chosen: readonly string[]
  onToggle(id: string, on: boolean): void
  wrong: string | undefined
}

function Sources({ all, chosen, onToggle, wrong }: SourcesProps) {
  return (
    <FieldGroup legend={say('workspaces.toolsLegend')} wrong={wrong}>
      <div>
        {all.map((source) => (
          <Check
            key={source.id}
            label={source.title}
            text={say('workspaces.sourceTools', { count: source.tools })}
            checked={chosen.includes(source.id)}
            onChange={(on) => onToggle(source.id, on)}
          />
        ))}
      </div>
    </FieldGroup>
  )
}

const useSaving = (workspace: Workspace | null, onClose: () => void) =>
  useCommand(workspace ? 'workspaces.update' : 'workspaces.create', {
    inline: true,
    refreshes: ['workspaces.list'],
    done: ({ title }) =>
      showDone(say(workspace ? 'workspaces.wasChanged' : 'workspaces.wasAdded', { title })),
    leave: onClose,
  })
