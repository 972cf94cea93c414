import { useEffect, useId, useRef, useState } from 'react'
import { say } from '../../locales/say.ts'
import { visibleText } from '../../src/contract/agreed/visible-text.ts'
import { Button } from './button.tsx'
import styles from './copy-field.module.css'
import { cx } from './cx.ts'
import { Icon } from './icon.tsx'
import { Plain } from './plain.tsx'
import { showProblem } from './toasts.tsx'

const SHOWN_FOR_MS = 2_000

interface CopyFieldProps {
  label: string
  value: string
  whole?: boolean
  onCopied?(): void
}

/** A value to take along, with its button. `whole` wraps it instead of cutting it short. */
export function CopyField({ label, value, whole, onCopied }: CopyFieldProps) {
  const id = useId()
  return (
    <div className={cx(styles.field, whole && styles.whole)}>
      <span className={styles.label} id={id}>
        <Plain text={label} />
      </span>
      <div className={styles.box}>
        <code className={styles.value} title={visibleText(value)}>
          <Plain text={value} />
        </code>
        <CopyButton value={value} label={label} {...(onCopied && { onCopied })} />
      </div>
    </div>
  )
}

export function CopyButton({ value, label, onCopied }: Omit<CopyFieldProps, 'whole'>) {
  const [copied, setCopied] = useState(false)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  const press = async () => {
    if (!(await copyText(value))) {
      showProblem({
        code: 'clipboard',
        message: say('ui.copy.thisBrowserDoesNot'),
        hint: say('ui.copy.selectTheTextAnd'),
      })
      return
    }
    setCopied(true)
    onCopied?.()
    clearTimeout(timer.current)
    timer.current = setTimeout(() => setCopied(false), SHOWN_FOR_MS)
  }
  return (
    <Button
      size="small"
      onClick={press}
      aria-label={copied ? say('ui.copy.labelCopied', { label }) : say('ui.copy.copyLabel', { label })}
      aria-live="polite"
    >
      <Icon name={copied ? 'check' : 'copy'} size={16} />
      {copied ? say('ui.copy.done') : say('ui.copy.button')}
    </Button>
  )
}

async function copyText(value: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(value)
    return true
  } catch {
    // The desktop shell refuses every permission, also this one: the old way needs none.
  }
  const area = document.createElement('textarea')
  area.value = value
  area.style.position = 'fixed'
  area.style.opacity = '0'
  // Inside an open dialog, because focus may not leave it.
  const host = document.activeElement?.closest('[role="dialog"], [role="alertdialog"]') ?? document.body
  const focused = document.activeElement
  host.append(area)
  area.select()
  const done = document.execCommand('copy')
  area.remove()
  if (focused instanceof HTMLElement) focused.focus()
  return done
}
