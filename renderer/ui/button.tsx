import { Link, type LinkProps } from '@tanstack/react-router'
import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react'
import styles from './button.module.css'
import { cx } from './cx.ts'
import { useTouch } from './hooks/use-touch.ts'
import { plainLabel } from './plain.tsx'

interface Look {
  intent?: 'primary' | 'neutral' | 'danger' | 'quiet' | 'quiet-danger'
  size?: 'small' | 'normal' | 'large'
  iconOnly?: boolean
  className?: string | undefined
}

const look = ({ intent = 'neutral', size = 'normal', iconOnly, className }: Look) =>
  cx(
    styles.button,
    styles[intent],
    size !== 'normal' && styles[size],
    iconOnly && styles['icon-only'],
    className,
  )

export interface ButtonProps extends Look, Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'className'> {
  /** Shows that the press is being worked on, and takes no second one. It keeps the focus, which a disabled one would lose. */
  busy?: boolean
  /** In a form: what it does is filled in, like what is typed. */
  fills?: boolean
  ref?: Ref<HTMLButtonElement>
}

export function Button({
  intent,
  size,
  iconOnly,
  className,
  busy,
  disabled,
  fills,
  onClick,
  children,
  ...rest
}: ButtonProps) {
  const touch = useTouch()
  const press: ButtonProps['onClick'] = (event) => {
    if (fills) touch()
    onClick?.(event)
  }
  return (
    <button
      type="button"
      {...rest}
      aria-label={spoken(rest['aria-label'])}
      className={look({ intent, size, iconOnly, className })}
      disabled={disabled && !busy}
      aria-disabled={busy || undefined}
      aria-busy={busy || undefined}
      onClick={busy ? refuse : press}
    >
      {busy && <Spinner />}
      {children}
    </button>
  )
}

/** Nor does it send its form. */
const refuse = (event: { preventDefault(): void }) => event.preventDefault()

/** Names of strangers are in these, too. */
const spoken = (label: string | undefined) => label && plainLabel(label)

export function ButtonLink({
  intent,
  size,
  className,
  children,
  'aria-label': label,
  ...link
}: Look & LinkProps & { children: ReactNode; 'aria-label'?: string }) {
  return (
    <Link {...link} aria-label={spoken(label)} className={look({ intent, size, className })}>
      {children}
    </Link>
  )
}

/** A page outside of ours, in the user's browser. */
export function PageLink({ href, children, ...given }: Look & { href: string; children: ReactNode }) {
  return (
    <a href={href} target="_blank" rel="noopener noreferrer" className={look(given)}>
      {children}
    </a>
  )
}

export function Spinner() {
  return <span className={styles.spinner} aria-hidden="true" />
}
