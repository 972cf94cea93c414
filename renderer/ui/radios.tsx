import { Radio } from '@base-ui/react/radio'
import { RadioGroup } from '@base-ui/react/radio-group'
import { useId } from 'react'
import styles from './radios.module.css'
import words from './text.module.css'

interface RadiosProps<T extends string> {
  legend: string
  value: T
  options: readonly { value: T; label: string; text?: string }[]
  onChange(next: T): void
}

/** One of a few, all of them in sight, each with what it means. */
export function Radios<T extends string>({ legend, value, options, onChange }: RadiosProps<T>) {
  const id = useId()
  return (
    <RadioGroup
      className={styles.choices}
      value={value}
      onValueChange={(next) => onChange(next as T)}
      aria-labelledby={id}
    >
      <p className={styles.legend} id={id}>
        {legend}
      </p>
      {options.map((option) => (
        // biome-ignore lint/a11y/noLabelWithoutControl: the radio inside is the control
        <label key={option.value} className={styles.choice}>
          <Radio.Root value={option.value} className={styles.radio}>
            <Radio.Indicator className={styles['radio-dot']} />
          </Radio.Root>
          <span>
            <span className={words.option}>{option.label}</span>
            {option.text && <span className={words.meaning}>{option.text}</span>}
          </span>
        </label>
      ))}
    </RadioGroup>
  )
}
