import { AlertDialog } from '@base-ui/react/alert-dialog'
import { type ReactNode, type RefObject, useRef, useState } from 'react'
import { say } from '../../locales/say.ts'
import { Button, type ButtonProps } from './button.tsx'
import { cx } from './cx.ts'
import styles from './dialog.module.css'
import { useFocusAfter } from './hooks/use-focus-after.ts'
import { LONGEST_LINE, plain } from './plain.tsx'
import { Failure } from './problem.tsx'
import { Small } from './text.tsx'

/** A dialog is open as long as it is there. */
export interface ModalProps {
  /** Esc and, where allowed, a press outside: always the choice that changes nothing. */
  onClose(): void
  title: ReactNode
  /** One line over the title, such as "1 of 3". */
  above?: ReactNode
  text?: ReactNode
  children?: ReactNode
  focus?: RefObject<HTMLElement | null>
  /** Over the whole window, for what is too long otherwise. */
  whole?: boolean
}

/** A dialog that asks: cannot be pressed away beside it, only answered or left with Esc. */
export function QuestionDialog({ onClose, title, above, text, children, focus, whole }: ModalProps) {
  useFocusAfter()
  return (
    <AlertDialog.Root open onOpenChange={(next) => !next && onClose()}>
      <AlertDialog.Portal>
        {/* Also over another dialog, from which a question may come. */}
        <AlertDialog.Backdrop className={styles.backdrop} forceRender />
        <AlertDialog.Viewport className={styles.viewport}>
          <AlertDialog.Popup
            className={styles.popup}
            data-over-page
            data-whole={whole || undefined}
            {...(focus ? { initialFocus: focus } : {})}
          >
            {above && <Small>{above}</Small>}
            <AlertDialog.Title className={styles.title}>{plain(title, LONGEST_LINE)}</AlertDialog.Title>
            {text && <AlertDialog.Description className={styles.text}>{plain(text)}</AlertDialog.Description>}
            {children}
          </AlertDialog.Popup>
        </AlertDialog.Viewport>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  )
}

const onWindows = navigator.userAgent.includes('Windows')

interface ActionsProps {
  safe: ReactNode
  act: ReactNode
  equal?: boolean
  /** A line over them, in sight as they are: why one of them cannot be pressed. */
  note?: ReactNode
}

/** The buttons of a dialog in the platform's order: Windows puts the action first, everyone else last. */
export function DialogActions({ safe, act, equal, note }: ActionsProps) {
  return (
    <div className={cx(styles.actions, equal && styles.equal)}>
      {note && <p className={styles.note}>{note}</p>}
      {onWindows ? act : safe}
      {onWindows ? safe : act}
    </div>
  )
}

/** A command, as far as a question or a form needs to know it. */
export interface Commanded<I> {
  isPending: boolean
  error: unknown
  mutate(input: I, options?: { onSuccess(): void }): void
}

interface Question {
  title: string
  text: ReactNode
  action: string
  /** What leaving everything as it is is called. */
  keep?: string
  danger?: boolean
}

interface ConfirmProps extends Question {
  onClose(): void
  command?: Omit<Commanded<never>, 'mutate'>
  onConfirm(): void
  children?: ReactNode
}

/** "Are you sure?", with the safe answer focused. */
export function ConfirmDialog(props: ConfirmProps) {
  const keep = useRef<HTMLButtonElement>(null)
  return (
    <QuestionDialog onClose={props.onClose} title={props.title} text={props.text} focus={keep}>
      {props.children}
      <Failure of={props.command?.error} />
      <DialogActions
        safe={
          <Button ref={keep} onClick={props.onClose}>
            {props.keep ?? say('common.cancel')}
          </Button>
        }
        act={
          <Button
            intent={props.danger ? 'danger' : 'primary'}
            busy={props.command?.isPending}
            onClick={props.onConfirm}
          >
            {props.action}
          </Button>
        }
      />
    </QuestionDialog>
  )
}

/** Whether what was filled in, and is saved nowhere, may go. */
export function ThrowAwayDialog({ onClose, onConfirm }: Pick<ConfirmProps, 'onClose' | 'onConfirm'>) {
  return (
    <ConfirmDialog
      onClose={onClose}
      title={say('ui.dialog.title')}
      text={say('ui.dialog.text')}
      action={say('ui.dialog.action')}
      keep={say('ui.dialog.keep')}
      danger
      onConfirm={onConfirm}
    />
  )
}

interface ConfirmButtonProps<I> extends ButtonProps {
  question: Question
  command: Commanded<I>
  input: NoInfer<I>
}

/** A button for what is not lightly done: it asks first. */
export function ConfirmButton<I>({ question, command, input, ...button }: ConfirmButtonProps<I>) {
  const [asking, setAsking] = useState(false)
  const close = () => setAsking(false)
  return (
    <>
      <Button {...button} onClick={() => setAsking(true)} />
      {asking && (
        <ConfirmDialog
          {...question}
          onClose={close}
          command={command}
          onConfirm={() => command.mutate(input, { onSuccess: close })}
        />
      )}
    </>
  )
}

interface RemoveButtonProps<I> extends Pick<ConfirmButtonProps<I>, 'aria-label' | 'command' | 'input'> {
  title: string
  text: ReactNode
}

/** In a row of a list: takes what it stands for away. */
export function RemoveButton<I>({ title, text, ...button }: RemoveButtonProps<I>) {
  const question = { title, text, action: say('common.remove'), keep: say('common.keepIt'), danger: true }
  return (
    <ConfirmButton intent="quiet-danger" size="small" question={question} {...button}>
      {say('common.remove')}
    </ConfirmButton>
  )
}
