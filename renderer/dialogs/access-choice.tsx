import { Radio } from '@base-ui/react/radio'
import { RadioGroup } from '@base-ui/react/radio-group'
import { useId } from 'react'
import type { Access } from '../../src/contract/models.ts'
import { ACCESS_ORDER, ACCESS_WORDS } from '../words/access.ts'
import styles from './dialogs.module.css'

/** The three access levels, each with what it means. */
export function AccessChoice({ value, onChange }: { value: Access; onChange(next: Access): void }) {
  const label = useId()
  return (
    <RadioGroup
      className={styles.choices}
      value={value}
      onValueChange={(next) => onChange(next as Access)}
      aria-labelledby={label}
    >
      <p className={styles.legend} id={label}>
        What may it do?
      </p>
      {ACCESS_ORDER.map((access) => (
        // biome-ignore lint/a11y/noLabelWithoutControl: the radio inside is the control
        <label key={access} className={styles.choice}>
          <Radio.Root value={access} className={styles.radio}>
            <Radio.Indicator className={styles['radio-dot']} />
          </Radio.Root>
          <span>
            <span className={styles['choice-label']}>{ACCESS_WORDS[access].label}</span>
            <br />
            <span className={styles['choice-text']}>{ACCESS_WORDS[access].text}</span>
          </span>
        </label>
      ))}
    </RadioGroup>
  )
}
