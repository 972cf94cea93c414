import { say } from '../../../../locales/say.ts'
import { Choice } from '../../../ui/choice.tsx'
import {
  DAYS,
  daysWords,
  type Expiry,
  fromDateField,
  type LimitsValue,
  limitsLine,
  toDateField,
} from '../../../words/limits.ts'
import styles from './limits.module.css'
import { Quiet } from './quiet.tsx'
import { ToolPicker } from './tool-picker.tsx'
import { useChoices } from './use-choices.ts'

interface LimitsProps {
  workspace: string
  value: LimitsValue
  onChange(next: LimitsValue): void
  now: number
  /** What keeps it from being sent; shown here, and opens the details. */
  problem?: string | undefined
}

/** Which tools and until when. */
export function Limits({ workspace, value, onChange, now, problem }: LimitsProps) {
  const choices = useChoices(workspace)
  return (
    <Quiet
      label={say('access.limits.toolsAndEndDate')}
      line={limitsLine(value, now)}
      opens={say('access.limits.changeToolsAndEnd')}
      closes={say('access.limits.hideToolsAndEnd')}
      problem={problem}
    >
      <ToolPicker choices={choices} value={value.tools} onChange={(tools) => onChange({ ...value, tools })} />
      <ExpiryChoice value={value.expiry} onChange={(expiry) => onChange({ ...value, expiry })} now={now} />
    </Quiet>
  )
}

const expiryChoices = () => [
  { value: 'never', label: say('limits.never') },
  ...DAYS.map((days) => ({ value: String(days), label: say('limits.in', { days: daysWords(days) }) })),
  { value: 'date', label: say('limits.onChosenDay') },
]

function ExpiryChoice({
  value,
  onChange,
  now,
}: {
  value: Expiry
  onChange(next: Expiry): void
  now: number
}) {
  const chosen = value.kind === 'days' ? String(value.days) : value.kind
  const change = (next: string) => {
    if (next === 'never') onChange({ kind: 'never' })
    else if (next === 'date') onChange({ kind: 'date', at: null })
    else onChange({ kind: 'days', days: Number(next) })
  }
  return (
    <div className={styles.expiry}>
      <p className={styles.legend}>{say('access.limits.whenDoesItEnd')}</p>
      <div className={styles.when}>
        <Choice
          label={say('access.limits.whenDoesItEnd')}
          value={chosen}
          options={expiryChoices()}
          onChange={change}
        />
        {value.kind === 'date' && (
          <input
            type="date"
            className={styles.date}
            aria-label={say('access.limits.lastDay')}
            defaultValue={toDateField(value.at)}
            min={toDateField(now)}
            onChange={(event) => onChange({ kind: 'date', at: fromDateField(event.target.value) })}
          />
        )}
      </div>
    </div>
  )
}
