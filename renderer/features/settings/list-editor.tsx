import { useState } from 'react'
import { say } from '../../../locales/say.ts'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Plain } from '../../ui/plain.tsx'
import styles from './settings-page.module.css'

interface Words {
  /** Of the list, for who cannot see it. */
  list: string
  field: string
  placeholder: string
  /** What is said when what was typed is none. */
  wrong: string
  button: string
  /** Instead of an empty list. */
  empty?: string
}

/** Short names that are added one by one and taken off again. `read` gives the one way to write what was typed; null: it is none. */
export function ListEditor(props: {
  entries: readonly string[]
  /** `kept` is called once that is so. */
  onChange(next: string[], kept?: () => void): void
  read(typed: string): string | null
  words: Words
}) {
  const { entries, onChange, read, words } = props
  const [typed, setTyped] = useState('')
  const [wrong, setWrong] = useState<string>()
  const add = () => {
    const entry = read(typed)
    if (entry === null) return setWrong(words.wrong)
    setWrong(undefined)
    // What cannot be kept does not have to be typed again; what was typed meanwhile stays.
    const clear = () => setTyped((now) => (now === typed ? '' : now))
    if (entries.includes(entry)) clear()
    else onChange([...entries, entry], clear)
  }
  return (
    <>
      {entries.length === 0 && words.empty !== undefined && <p className={styles.empty}>{words.empty}</p>}
      {entries.length > 0 && (
        <ul data-divided className={styles.domains} aria-label={words.list}>
          {entries.map((entry) => (
            <li key={entry} className={styles.domain}>
              <code>
                <Plain text={entry} />
              </code>
              <Button
                intent="quiet"
                size="small"
                iconOnly
                aria-label={say('settings.listEditor.takeOffTheList', { entry })}
                onClick={() => onChange(entries.filter((other) => other !== entry))}
              >
                <Icon name="cross" size={16} />
              </Button>
            </li>
          ))}
        </ul>
      )}
      <form
        className={styles.add}
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          add()
        }}
      >
        <TextField
          label={words.field}
          mono
          value={typed}
          onChange={setTyped}
          placeholder={words.placeholder}
          wrong={wrong}
          maxLength={300}
        />
        <Button type="submit">{words.button}</Button>
      </form>
    </>
  )
}
