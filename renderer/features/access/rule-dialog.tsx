import { useState } from 'react'
import { say } from '../../../locales/say.ts'
import type { Rule } from '../../../src/contract/rules.ts'
import { keyOf, problemOf, useCommand } from '../../pipe/host.tsx'
import { Button } from '../../ui/button.tsx'
import { Check } from '../../ui/check.tsx'
import { DialogActions, FormDialog } from '../../ui/dialog.tsx'
import { Problem } from '../../ui/problem.tsx'
import { Radios } from '../../ui/radios.tsx'
import styles from './access-page.module.css'

const MINUTE = 60_000
const spans = { '15m': 15 * MINUTE, day: 24 * 60 * MINUTE, month: 30 * 24 * 60 * MINUTE }
type End = 'as-it-is' | keyof typeof spans | 'none'

interface RuleDialogProps {
  rule: Rule
  open: boolean
  now: number
  onClose(): void
}

/** Until when a rule holds, and whether it does after something untrusted was read. */
export function RuleDialog({ rule, open, now, onClose }: RuleDialogProps) {
  const name = rule.toolTitle || rule.tool
  return (
    <FormDialog open={open} onClose={onClose} title={say('rules.dialog.title', { name })}>
      <RuleForm rule={rule} now={now} onClose={onClose} />
    </FormDialog>
  )
}

/** Lives only while the dialog is open. */
function RuleForm({ rule, now, onClose }: Omit<RuleDialogProps, 'open'>) {
  const [end, setEnd] = useState<End>('as-it-is')
  const [waives, setWaives] = useState(rule.waivesTaint)
  const change = useCommand('rules.change', {
    inline: true,
    done: (_rule, client) => {
      void client.invalidateQueries({ queryKey: keyOf('rules.list') })
      onClose()
    },
  })
  const ends: End[] = ['as-it-is', '15m', 'day', ...(rule.inChat ? [] : (['month'] as const))]
  // What can delete things is never allowed for ever.
  const mayStay =
    !rule.inChat && (rule.risk !== 'destructive' || rule.exactly !== null || rule.effect === 'never')
  if (mayStay && rule.until !== null) ends.push('none')
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault()
        if (change.isPending) return
        change.mutate({
          id: rule.id,
          ...(end !== 'as-it-is' && { until: end === 'none' ? null : now + spans[end] }),
          ...(waives !== rule.waivesTaint && { waivesTaint: waives }),
        })
      }}
    >
      <Radios<End>
        legend={say('rules.dialog.until')}
        value={end}
        options={ends.map((value) => ({ value, label: say(`rules.dialog.end.${value}`) }))}
        onChange={setEnd}
      />
      {rule.effect === 'allow' && (
        <Check
          label={say('rules.dialog.waives')}
          text={say('rules.dialog.waivesText')}
          checked={waives}
          onChange={setWaives}
        />
      )}
      {waives && !rule.waivesTaint && (
        <Problem
          tone="warn"
          problem={{ message: say('rules.dialog.warning'), hint: say('rules.dialog.warningHint') }}
        />
      )}
      {change.error !== null && <Problem problem={problemOf(change.error)} />}
      <DialogActions
        safe={<Button onClick={onClose}>{say('common.cancel')}</Button>}
        act={
          <Button intent="primary" type="submit" busy={change.isPending}>
            {say('common.save')}
          </Button>
        }
      />
    </form>
  )
}
