import { useId, useState } from 'react'
import { say } from '../../../../locales/say.ts'
import { Call } from '../../../../src/contract/activity.ts'
import { Button } from '../../../ui/button.tsx'
import { Choice } from '../../../ui/choice.tsx'
import { riskWords } from '../../../words/access.ts'
import { type LogAddress, results, resultWords, times } from '../log-address.ts'
import styles from './filters.module.css'
import type { Choices } from './use-choices.ts'

const ALL = ' all'

interface FiltersProps {
  address: LogAddress
  choices: Choices
  onChange(next: Partial<LogAddress>): void
  onClear(): void
}

/** By what the log is narrowed down, in one row; on a narrow screen behind a button. */
export function Filters({ address, choices, onChange, onClear }: FiltersProps) {
  const isSet = isFiltered(address)
  const [open, setOpen] = useState(isSet)
  const id = useId()
  const { assistants, tools, sources } = choices
  const same = (value: string) => ({ value, label: value })
  const one = (name: keyof LogAddress, all: string, options: OneProps['options']) => (
    <One name={name} all={all} options={options} address={address} onChange={onChange} />
  )
  return (
    <div className={styles.filters}>
      <Button
        size="small"
        className={styles.toggle}
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
      >
        {say('activity.filter.title')}
      </Button>
      <fieldset className={styles.row} id={id} data-open={open} aria-label={say('activity.filter.title')}>
        {one(
          'assistant',
          say('activity.filter.allAssistants'),
          [...assistants].map(([value, label]) => ({ value, label })),
        )}
        {one(
          'tool',
          say('activity.filter.allTools'),
          tools.map(({ tool, source, title }) => ({
            value: tool,
            label: title ?? tool,
            group: source,
            ...(title !== undefined && { text: tool }),
          })),
        )}
        {one('source', say('activity.filter.allSources'), sources.map(same))}
        {one(
          'result',
          say('activity.filter.anyResult'),
          results.map((value) => ({ value, label: resultWords(value) })),
        )}
        {one(
          'risk',
          say('activity.filter.anyKind'),
          Call.shape.risk.options.map((value) => ({ value, label: riskWords(value).label })),
        )}
        {one(
          'time',
          say('activity.filter.anyTime'),
          times.map((value) => ({ value, label: say(`activity.filter.time.${value}`) })),
        )}
        {address.time === 'range' && <Range address={address} onChange={onChange} />}
        {isSet && (
          <Button size="small" intent="quiet" onClick={onClear}>
            {say('activity.filter.clear')}
          </Button>
        )}
      </fieldset>
    </div>
  )
}

export const isFiltered = ({ call: _shown, ...address }: LogAddress): boolean =>
  Object.values(address).some((value) => value !== undefined && value !== '')

interface OneProps extends Pick<FiltersProps, 'address' | 'onChange'> {
  name: keyof LogAddress
  all: string
  options: { value: string; label: string; text?: string; group?: string }[]
}

function One({ name, all, options, address, onChange }: OneProps) {
  const value = address[name]
  // What stands in an address may be nowhere else any more.
  const unknown =
    value !== undefined && !options.some((option) => option.value === value) ? [{ value, label: value }] : []
  return (
    <Choice
      label={say(`activity.filter.by.${name as FilterName}`)}
      value={value ?? ALL}
      inRow={value === undefined || 'set'}
      options={[{ value: ALL, label: all }, ...unknown, ...options]}
      onChange={(next) => onChange({ [name]: next === ALL ? undefined : next })}
    />
  )
}
type FilterName = 'assistant' | 'tool' | 'source' | 'result' | 'risk' | 'time'

function Range({ address, onChange }: Pick<FiltersProps, 'address' | 'onChange'>) {
  return (['from', 'to'] as const).map((name) => (
    <label key={name} className={styles.day}>
      {say(`activity.filter.${name}`)}
      <input
        type="date"
        className={styles.date}
        value={address[name] ?? ''}
        onChange={(event) => onChange({ [name]: event.target.value || undefined })}
      />
    </label>
  ))
}
