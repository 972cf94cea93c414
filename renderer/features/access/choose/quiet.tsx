import { type ReactNode, useId, useState } from 'react'
import { say } from '../../../../locales/say.ts'
import { Button } from '../../../ui/button.tsx'
import { Wrong } from '../../../ui/field.tsx'
import styles from './limits.module.css'

interface QuietProps {
  label: string
  /** What is chosen. */
  line: string
  /** What the button is called to a screen reader. */
  opens: string
  closes: string
  /** What keeps it from being sent; shown here, and opens the details. */
  problem?: string | undefined
  children: ReactNode
}

/** A choice behind one quiet line: most people leave it as it is. */
export function Quiet({ label, line, opens, closes, problem, children }: QuietProps) {
  const [opened, setOpened] = useState(false)
  const details = useId()
  const open = opened || problem !== undefined
  return (
    <section className={styles.limits} aria-label={label}>
      <p className={styles.line}>
        <span>{line}</span>
        <Button
          intent="quiet"
          size="small"
          aria-expanded={open}
          aria-controls={details}
          aria-label={open ? closes : opens}
          onClick={() => setOpened(!open)}
        >
          {open ? say('access.limits.hide') : say('common.change')}
        </Button>
      </p>
      <div id={details} className={styles.details} hidden={!open}>
        <Wrong text={problem} />
        {open && children}
      </div>
    </section>
  )
}
