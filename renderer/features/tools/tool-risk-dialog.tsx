import { useRef, useState } from 'react'
import { say } from '../../../locales/say.ts'
import { longestNote, type Risk, type Tool } from '../../../src/contract/tools.ts'
import { useCommand } from '../../pipe/host.tsx'
import { TextField } from '../../ui/field.tsx'
import { FormDialog, useForm } from '../../ui/form-dialog.tsx'
import { Radios } from '../../ui/radios.tsx'
import { Small } from '../../ui/text.tsx'
import { showDone } from '../../ui/toasts.tsx'

type Chosen = Risk | 'itself'

/** What the owner says of one tool: what it can do at worst, and what assistants are told about it. */
export function ToolRiskDialog({ tool, onClose }: { tool: Tool; onClose(): void }) {
  const field = useRef<HTMLElement>(null)
  const before: Chosen = tool.override?.risk ?? 'itself'
  const [risk, setRisk] = useState<Chosen>(before)
  const [note, setNote] = useState(tool.note ?? '')
  const title = tool.title || tool.original
  const set = useCommand('tools.set', {
    inline: true,
    refreshes: ['tools.list', 'grants.list'],
    done: () => {
      showDone(say('tools.risk.saved', { title }))
      onClose()
    },
  })
  const options = (['read', 'write', 'destructive'] as const).map((value) => ({
    value: value as Chosen,
    label: say(`tools.risk.${value}`),
  }))
  const form = useForm(set, {
    id: tool.id,
    note: note.trim() || null,
    ...(risk !== before && { risk: risk === 'itself' ? null : risk }),
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
        value={risk}
        options={[{ value: 'itself' as Chosen, label: say('tools.risk.itself') }, ...options]}
        onChange={setRisk}
      />
      {tool.override?.lowers && risk === before && <Small>{say('tools.risk.lowers')}</Small>}
      <TextField
        ref={field}
        label={say('tools.risk.note')}
        hint={say('tools.risk.noteHint')}
        value={note}
        onChange={setNote}
        maxLength={longestNote}
        lines={3}
      />
    </FormDialog>
  )
}
