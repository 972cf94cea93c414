import { useState } from 'react'
import { say } from '../../../../locales/say.ts'
import type { Rule } from '../../../../src/contract/rules.ts'
import { useCommand } from '../../../pipe/host.tsx'
import { Check } from '../../../ui/check.tsx'
import { FormDialog, useForm } from '../../../ui/form-dialog.tsx'
import { useChanges } from '../../../ui/hooks/use-changes.ts'
import { Problem } from '../../../ui/problem.tsx'
import { Radios } from '../../../ui/radios.tsx'

const MINUTE = 60_000
const spans = { '15m': 15 * MINUTE, day: 24 * 60 * MINUTE, month: 30 * 24 * 60 * MINUTE }
type End = 'as-it-is' | keyof typeof spans | 'none'

/** Until when a rule holds, and whether it does after something untrusted was read. */
export function RuleDialog({ rule, now, onClose }: { rule: Rule; now: number; onClose(): void }) {
  const [end, setEnd] = useState<End>('as-it-is')
  const { value, changes, change: set } = useChanges({ waivesTaint: rule.waivesTaint })
  const change = useCommand('rules.change', { inline: true, refreshes: ['rules.list'], leave: onClose })
  const form = useForm(change, {
    id: rule.id,
    ...(end !== 'as-it-is' && { until: end === 'none' ? null : now + spans[end] }),
    ...changes,
  })
  return (
    <FormDialog
      onClose={onClose}
      title={say('rules.dialog.title', { name: rule.toolTitle || rule.tool })}
      form={form}
      action={say('common.save')}
    >
      <Radios<End>
        legend={say('rules.dialog.until')}
        value={end}
        options={endsOf(rule).map((value) => ({ value, label: say(`rules.dialog.end.${value}`) }))}
        onChange={setEnd}
      />
      {rule.effect === 'allow' && (
        <Check
          label={say('rules.dialog.waives')}
          text={say('rules.dialog.waivesText')}
          checked={value.waivesTaint}
          onChange={(waivesTaint) => set({ waivesTaint })}
        />
      )}
      {changes.waivesTaint && (
        <Problem
          tone="warn"
          problem={{ message: say('rules.dialog.warning'), hint: say('rules.dialog.warningHint') }}
        />
      )}
    </FormDialog>
  )
}

/** What can be chosen: a chat ends within a day, and what can delete things is never allowed for ever. */
function endsOf({ inChat, risk, exactly, effect, until }: Rule): End[] {
  if (inChat) return ['as-it-is', '15m']
  const mayStay = until !== null && (risk !== 'destructive' || exactly !== null || effect === 'never')
  return ['as-it-is', '15m', 'day', 'month', ...(mayStay ? (['none'] as const) : [])]
}
