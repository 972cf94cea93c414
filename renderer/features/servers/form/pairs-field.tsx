import { say } from '../../../../locales/say.ts'
import { Button } from '../../../ui/button.tsx'
import { FieldGroup, Wrong } from '../../../ui/field.tsx'
import { Icon } from '../../../ui/icon.tsx'
import styles from './add-server.module.css'
import type { Pair } from './server-form.ts'

interface PairsFieldProps {
  label: string
  hint: string
  add: string
  placeholder?: string
  pairs: Pair[]
  wrong: string | undefined
  onChange(next: Pair[]): void
}

/** Names and secret values. Values are dots on the screen: they are often passwords. */
export function PairsField({
  label,
  hint,
  add,
  placeholder = 'NAME',
  pairs,
  wrong,
  onChange,
}: PairsFieldProps) {
  const change = (id: number, patch: Partial<Pair>) =>
    onChange(pairs.map((pair) => (pair.id === id ? { ...pair, ...patch } : pair)))
  return (
    <FieldGroup legend={label} hint={hint}>
      {pairs.map((pair) => (
        <div key={pair.id} className={styles.pair}>
          <input
            className={styles.input}
            value={pair.name}
            placeholder={placeholder}
            aria-label={say('common.name')}
            spellCheck={false}
            autoComplete="off"
            readOnly={pair.kept === true}
            onChange={(event) => change(pair.id, { name: event.target.value })}
          />
          <input
            className={styles.input}
            value={pair.value}
            placeholder={say(pair.kept ? 'servers.form.kept' : 'servers.form.value')}
            aria-label={
              pair.name ? say('servers.form.valueOf', { name: pair.name }) : say('servers.form.valueOfNew')
            }
            type="password"
            autoComplete="new-password"
            onChange={(event) => change(pair.id, { value: event.target.value })}
          />
          <Button
            intent="quiet"
            iconOnly
            fills
            aria-label={
              pair.name ? say('common.removeOne', { name: pair.name }) : say('servers.form.removeValue')
            }
            onClick={() => onChange(pairs.filter((other) => other.id !== pair.id))}
          >
            <Icon name="cross" size={16} />
          </Button>
        </div>
      ))}
      <Wrong text={wrong} />
      <Button
        intent="quiet"
        size="small"
        className={styles.add}
        onClick={() =>
          onChange([...pairs, { id: Math.max(0, ...pairs.map((pair) => pair.id)) + 1, name: '', value: '' }])
        }
      >
        <Icon name="plus" size={16} /> {add}
      </Button>
    </FieldGroup>
  )
}
