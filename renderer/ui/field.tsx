import { Field } from '@base-ui/react/field'
import type { ReactNode, Ref } from 'react'
import { cx } from './cx.ts'
import styles from './field.module.css'
import { Icon } from './icon.tsx'
import { Small } from './text.tsx'

interface TextFieldProps {
  label: string
  value: string
  onChange(next: string): void
  hint?: ReactNode
  wrong?: string | undefined
  placeholder?: string | undefined
  mono?: boolean
  lines?: number
  type?: 'text' | 'password' | 'url'
  maxLength?: number
  /** Gets what is pasted with its line breaks, which a field of one line would take out. */
  onPasteLines?(text: string): void
  ref?: Ref<HTMLElement>
}

/** A labelled line (or some lines) of text, its hint, and what is wrong with it. */
export function TextField(props: TextFieldProps) {
  const {
    label,
    value,
    onChange,
    hint,
    wrong,
    placeholder,
    mono,
    lines,
    type = 'text',
    maxLength,
    onPasteLines,
    ref,
  } = props
  return (
    <Field.Root className={styles.field} invalid={wrong !== undefined}>
      <Field.Label className={styles.label}>{label}</Field.Label>
      <Field.Control
        ref={ref}
        className={cx(styles.input, mono && styles.mono)}
        value={value}
        onValueChange={onChange}
        placeholder={placeholder}
        maxLength={maxLength}
        onPaste={(event) => {
          const text = event.clipboardData.getData('text/plain')
          if (!onPasteLines || !/[\r\n]/.test(text.trim())) return
          event.preventDefault()
          onPasteLines(text)
        }}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        {...(lines ? { render: <textarea rows={lines} /> } : { type })}
      />
      <Field.Error className={styles.wrong} match={wrong !== undefined}>
        {wrong}
      </Field.Error>
      {hint && <Field.Description className={styles.hint}>{hint}</Field.Description>}
    </Field.Root>
  )
}

interface FileFieldProps {
  label: string
  onChange(file: File | null): void
  wrong?: string | undefined
}

/** One file of this computer. */
export function FileField({ label, onChange, wrong }: FileFieldProps) {
  return (
    <Field.Root className={styles.field} invalid={wrong !== undefined}>
      <Field.Label className={styles.label}>{label}</Field.Label>
      <Field.Control
        className={styles.input}
        type="file"
        onChange={(event) => onChange((event.target as HTMLInputElement).files?.[0] ?? null)}
      />
      <Field.Error className={styles.wrong} match={wrong !== undefined}>
        {wrong}
      </Field.Error>
    </Field.Root>
  )
}

interface GroupProps {
  legend: string
  hint?: string
  wrong?: string | undefined
  children: ReactNode
}

/** Fields that belong together. */
export function FieldGroup({ legend, hint, wrong, children }: GroupProps) {
  return (
    <fieldset className={styles.group}>
      <legend className={styles.legend}>{legend}</legend>
      {hint && <Small>{hint}</Small>}
      {children}
      <Wrong text={wrong} />
    </fieldset>
  )
}

/** What is wrong with what stands above or below. */
export function Wrong({ text }: { text: string | undefined }) {
  return text ? (
    <p className={styles.wrong} role="alert" data-wrong>
      {text}
    </p>
  ) : null
}

interface SearchFieldProps {
  label: string
  value: string
  onChange(next: string): void
}

export function SearchField({ label, value, onChange }: SearchFieldProps) {
  return (
    <div className={styles.search}>
      <Icon name="search" size={18} />
      <input
        className={styles.input}
        type="search"
        value={value}
        onChange={(event) => onChange(event.target.value)}
        placeholder={label}
        aria-label={label}
        maxLength={200}
        spellCheck={false}
        autoComplete="off"
      />
    </div>
  )
}
