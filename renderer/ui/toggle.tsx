import { Switch } from '@base-ui/react/switch'
import { plainLabel } from './plain.tsx'
import styles from './toggle.module.css'

interface ToggleProps {
  label: string
  checked: boolean
  onChange(next: boolean): void
}

export function Toggle({ label, checked, onChange }: ToggleProps) {
  return (
    <Switch.Root
      className={styles.toggle}
      aria-label={plainLabel(label)}
      checked={checked}
      onCheckedChange={onChange}
    >
      <Switch.Thumb className={styles.thumb} />
    </Switch.Root>
  )
}
