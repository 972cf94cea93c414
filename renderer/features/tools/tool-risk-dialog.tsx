import { useRef, useState } from 'react'
import { say } from '../../../locales/say.ts'
import { longestNote, type Risk, type Tool } from '../../../src/contract/tools.ts'
import { keyOf, problemOf, useCommand } from '../../pipe/host.tsx'
import { Button } from '../../ui/button.tsx'
import { DialogActions, FormDialog } from '../../ui/dialog.tsx'
import { TextField } from '../../ui/field.tsx'
import { Problem } from '../../ui/problem.tsx'
import { Radios } from '../../ui/radios.tsx'
import { showDone } from '../../ui/toasts.tsx'
import styles from '../servers/form/add-server.module.css'

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
    done: (_changed, client) => {
      for (const name of ['tools.list', 'grants.list'] as const)
        void client.invalidateQueries({ queryKey: keyOf(name) })
      showDone(say('tools.risk.saved', { title }))
      onClose()
    },
  })
  const options = (['read', 'write', 'destructive'] as const).map((value) => ({
    value: value as Chosen,
    label: say(`tools.risk.${value}`),
  }))
  return (
    <FormDialog
      open
      onClose={onClose}
      focus={field}
      title={say('tools.risk.title', { title })}
      text={say('tools.risk.text')}
    >
      <form
        className={styles.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          if (set.isPending) return
          set.mutate({
            id: tool.id,
            note: note.trim() || null,
            ...(risk !== before && { risk: risk === 'itself' ? null : risk }),
          })
        }}
      >
        <Radios<Chosen>
          legend={say('tools.risk.legend')}
          value={risk}
          options={[{ value: 'itself' as Chosen, label: say('tools.risk.itself') }, ...options]}
          onChange={setRisk}
        />
        {tool.override?.lowers && risk === before && (
          <p className={styles.small}>{say('tools.risk.lowers')}</p>
        )}
        <TextField
          ref={field}
          label={say('tools.risk.note')}
          hint={say('tools.risk.noteHint')}
          value={note}
          onChange={setNote}
          maxLength={longestNote}
          lines={3}
        />
        {set.error !== null && <Problem problem={problemOf(set.error)} />}
        <DialogActions
          safe={<Button onClick={onClose}>{say('common.cancel')}</Button>}
          act={
            <Button intent="primary" type="submit" busy={set.isPending}>
              {say('common.save')}
            </Button>
          }
        />
      </form>
    </FormDialog>
  )
}
