import { useState } from 'react'
import { say } from '../../../locales/say.ts'
import type { Workspace } from '../../../src/contract/workspaces.ts'
import { useCall, useCommand } from '../../pipe/host.tsx'
import { Check } from '../../ui/check.tsx'
import { FieldGroup, TextField } from '../../ui/field.tsx'
import { FormDialog, useForm } from '../../ui/form-dialog.tsx'
import { showDone } from '../../ui/toasts.tsx'
import { wrongIn } from '../../words/wrong.ts'
import { type Source, sourcesOf, suggestAddress, wrongAddress } from './workspace-form.ts'

interface WorkspaceDialogProps {
  /** Null: a new one. */
  workspace: Workspace | null
  onClose(): void
}

export function WorkspaceDialog({ workspace, onClose }: WorkspaceDialogProps) {
  const [title, setTitle] = useState(workspace?.title ?? '')
  const [named, setNamed] = useState<string | null>(null)
  const [sources, setSources] = useState<string[]>(workspace?.sources ?? [])
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
  const form = useForm(save, Object.values(wrong).every((one) => one === undefined) ? input : null)
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
        onChange={setTitle}
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
        all={sourcesOf(tools.data ?? [], workspace?.sources ?? [])}
        chosen={sources}
        onChange={setSources}
        wrong={form.tried ? wrong.sources : undefined}
      />
    </FormDialog>
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
    <FieldGroup legend={say('workspaces.toolsLegend')} wrong={wrong}>
      <div>
        {all.map((source) => (
          <Check
            key={source.id}
            label={source.title}
            text={say('workspaces.sourceTools', { count: source.tools })}
            checked={chosen.includes(source.id)}
            onChange={(on) => onChange(on ? [...chosen, source.id] : chosen.filter((id) => id !== source.id))}
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
    done: ({ title }) => {
      showDone(say(workspace ? 'workspaces.wasChanged' : 'workspaces.wasAdded', { title }))
      onClose()
    },
  })
