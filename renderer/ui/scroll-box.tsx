import type { ReactNode, Ref } from 'react'
import { cx } from './cx.ts'
import styles from './scroll-box.module.css'

interface ScrollBoxProps {
  /** What is read out for it. */
  label: string
  className?: string | undefined
  ref?: Ref<HTMLElement> | undefined
  children: ReactNode
}

/** A box for what is long, to be scrolled with the keyboard too. */
export function ScrollBox({ label, className, ref, children }: ScrollBoxProps) {
  return (
    <section
      ref={ref}
      className={cx(styles.box, className)}
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what is long must be scrollable with the keyboard
      tabIndex={0}
    >
      {children}
    </section>
  )
}
