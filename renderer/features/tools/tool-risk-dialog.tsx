import { useRef } from 'react'
import { say } from '../../../locales/say.ts'
import { longestNote, type Risk, type Tool } from '../../../src/contract/tools.ts'
import { useCommand } from '../../pipe/host.tsx'
import { TextField } from '../../ui/field.tsx'
import { FormDialog, useForm } from '../../ui/form-dialog.tsx'
import { useChanges } from '../../ui/hooks/use-changes.ts'
import { Radios } from '../../ui/radios.tsx'
import { Small } from '../../ui/text.tsx'
import { showDone } from '../../ui/toasts.tsx'
import { seenOf } from './tool-review.tsx'

type Chosen = Risk | 'itself'

/** What the owner says of one tool: what it can do at worst, and what assistants are told about it. */
export function ToolRiskDialog({ tool, onClose }: { tool: Tool; onClose(): void }) {
  const field = useRef<HTMLElement>(null)
  const before: { risk: Chosen; note: string } = {
    risk: tool.override?.risk ?? 'itself',
    note: tool.note ?? '',
  }
  const { value, changes, change } = useChanges(before)
  const title = tool.title || tool.original
  const set = useCommand('tools.set', {
    inline: true,
    refreshes: ['tools.list', 'grants.list'],
    done: () => showDone(say('tools.risk.saved', { title })),
    leave: onClose,
  })
  const options = (['read', 'write', 'destructive'] as const).map((value) => ({
    value: value as Chosen,
    label: say(`tools.risk.${value}`),
  }))
  const form = useForm(set, {
    id: tool.id,
    ...(changes.note !== undefined && { note: changes.note.trim() || null }),
    ...(changes.risk && { risk: changes.risk === 'itself' ? null : changes.risk, ...seenOf(tool) }),
  })
  return (
    <FormDialog
      onClose={onClose}
      focus={field}
      title={say('tools.risk.title', { title })}
      text={say('tools.risk.text')}
      form={form}
      action={say('common.save')}
    >
      <Radios<Chosen>
        legend={say('tools.risk.legend')}
        value={value.risk}
        options={[{ value: 'itself' as Chosen, label: say('tools.risk.itself') }, ...options]}
        onChange={(risk) => change({ risk })}
      />
      {tool.override?.lowers && changes.risk === undefined && <Small>{say('tools.risk.lowers')}</Small>}
      <TextField
        ref={field}
        label={say('tools.risk.note')}
        hint={say('tools.risk.noteHint')}
        value={value.note}
        onChange={(note) => change({ note })}
        maxLength={longestNote}
        lines={3}
      />
    </FormDialog>
  )
}
