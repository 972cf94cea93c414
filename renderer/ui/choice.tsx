import { Select } from '@base-ui/react/select'
import styles from './choice.module.css'
import { cx } from './cx.ts'
import { useTouch } from './hooks/use-touch.ts'
import { Icon } from './icon.tsx'
import { plainLabel } from './plain.tsx'
import words from './text.module.css'

interface Option<T extends string> {
  value: T
  label: string
  text?: string | undefined
  group?: string
}

interface ChoiceProps<T extends string> {
  /** For screen readers; the value itself is what is seen. */
  label: string
  value: T
  /** Those of one `group` stand together, under its name. */
  options: readonly Option<T>[]
  onChange(next: T): void
  disabled?: boolean
  /** One of several in a row: as wide as what it shows. `'set'`: it stands on something else than usual. */
  inRow?: boolean | 'set'
}

/** One of a few, each with a sentence about what it means. */
export function Choice<T extends string>({
  label,
  value,
  options,
  onChange,
  disabled,
  inRow = false,
}: ChoiceProps<T>) {
  const shown = options.map((option) => ({ ...option, label: plainLabel(option.label) }))
  const touch = useTouch()
  const choose = (next: T | null) => {
    if (next === null || next === value) return
    touch()
    onChange(next)
  }
  return (
    <Select.Root items={shown} value={value} onValueChange={choose} disabled={disabled}>
      <Select.Trigger
        className={cx(styles.trigger, inRow && styles['in-row'], inRow === 'set' && styles.set)}
        aria-label={plainLabel(label)}
      >
        <Select.Value className={styles.value} />
        <Select.Icon className={styles.icon}>
          <Icon name="chevron" size={16} />
        </Select.Icon>
      </Select.Trigger>
      <Select.Portal>
        <Select.Positioner
          className={styles.positioner}
          sideOffset={4}
          align={inRow ? 'start' : 'end'}
          alignItemWithTrigger={false}
        >
          <Select.Popup className={styles.popup}>
            {[...Map.groupBy(shown, ({ group }) => group)].map(([group, some]) => (
              <Select.Group key={group ?? ''}>
                {group !== undefined && (
                  <Select.GroupLabel className={styles.group}>{plainLabel(group)}</Select.GroupLabel>
                )}
                {some.map(({ value, label, text }) => (
                  <Select.Item key={value} value={value} className={styles.item}>
                    <span>
                      <Select.ItemText className={words.option}>{label}</Select.ItemText>
                      {text && <span className={words.meaning}>{plainLabel(text)}</span>}
                    </span>
                    <Select.ItemIndicator>
                      <Icon name="check" size={16} />
                    </Select.ItemIndicator>
                  </Select.Item>
                ))}
              </Select.Group>
            ))}
          </Select.Popup>
        </Select.Positioner>
      </Select.Portal>
    </Select.Root>
  )
}
