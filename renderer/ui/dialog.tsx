import { AlertDialog } from '@base-ui/react/alert-dialog'
import { Dialog } from '@base-ui/react/dialog'
import { type ReactNode, type RefObject, useRef, useState } from 'react'
import { say } from '../../locales/say.ts'
import type { ErrorReply } from '../../src/contract/errors.ts'
import { Button } from './button.tsx'
import { cx } from './cx.ts'
import styles from './dialog.module.css'
import { LONGEST_LINE, plain } from './plain.tsx'
import { Problem } from './problem.tsx'
import { useStay } from './use-stay.ts'

interface ModalProps {
  open: boolean
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
export function QuestionDialog({ open, onClose, title, above, text, children, focus, whole }: ModalProps) {
  return (
    <AlertDialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <AlertDialog.Portal>
        {/* Also over another dialog, from which a question may come. */}
        <AlertDialog.Backdrop className={styles.backdrop} forceRender />
        <AlertDialog.Viewport className={styles.viewport}>
          <AlertDialog.Popup
            className={styles.popup}
            data-whole={whole || undefined}
            {...(focus ? { initialFocus: focus } : {})}
          >
            {above && <p className={styles.above}>{above}</p>}
            <AlertDialog.Title className={styles.title}>{plain(title, LONGEST_LINE)}</AlertDialog.Title>
            {text && <AlertDialog.Description className={styles.text}>{plain(text)}</AlertDialog.Description>}
            {children}
          </AlertDialog.Popup>
        </AlertDialog.Viewport>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  )
}

interface FormProps extends ModalProps {
  /**
   * For what is only shown, not filled in. A text: it exists nowhere else and was not copied yet, so that only the dialog's own
   * button closes it; the text says so when Esc is pressed. False: nothing is lost.
   */
  onlyCopy?: string | false
}

/**
 * A dialog to fill in, or that shows something. A press beside it does not close it, Esc not before it was asked whether what was
 * typed may go, and not at all while it shows the only copy of something.
 */
export function FormDialog({ open, onClose, title, text, children, focus, onlyCopy }: FormProps) {
  const [touched, setTouched] = useState(false)
  const [asking, setAsking] = useState(false)
  const [warned, setWarned] = useState(false)
  const keeps = open && Boolean(onlyCopy)
  useStay(keeps)
  // Each opening starts empty.
  if (!open && (touched || asking || warned)) {
    setTouched(false)
    setAsking(false)
    setWarned(false)
  }
  const leave = () => {
    if (keeps) setWarned(true)
    else if (touched && onlyCopy === undefined) setAsking(true)
    else onClose()
  }
  const touch = () => setTouched(true)
  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && leave()} disablePointerDismissal>
      <Dialog.Portal>
        <Dialog.Backdrop className={styles.backdrop} />
        <Dialog.Viewport className={styles.viewport}>
          <Dialog.Popup
            className={styles.popup}
            onInput={touch}
            onChange={touch}
            {...(focus ? { initialFocus: focus } : {})}
          >
            <Dialog.Title className={styles.title}>{plain(title, LONGEST_LINE)}</Dialog.Title>
            {text && <Dialog.Description className={styles.text}>{plain(text)}</Dialog.Description>}
            {keeps && warned && <Problem tone="warn" problem={{ message: onlyCopy || '' }} />}
            {children}
          </Dialog.Popup>
        </Dialog.Viewport>
      </Dialog.Portal>
      <ConfirmDialog
        open={open && asking}
        onClose={() => setAsking(false)}
        title={say('ui.dialog.title')}
        text={say('ui.dialog.text')}
        action={say('ui.dialog.action')}
        keep={say('ui.dialog.keep')}
        danger
        onConfirm={onClose}
      />
    </Dialog.Root>
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

interface ConfirmProps {
  open: boolean
  onClose(): void
  title: string
  text: ReactNode
  action: string
  /** What leaving everything as it is is called. */
  keep?: string
  danger?: boolean
  busy?: boolean
  problem?: ErrorReply | null
  onConfirm(): void
}

/** "Are you sure?", with the safe answer focused. */
export function ConfirmDialog(props: ConfirmProps) {
  const keep = useRef<HTMLButtonElement>(null)
  return (
    <QuestionDialog
      open={props.open}
      onClose={props.onClose}
      title={props.title}
      text={props.text}
      focus={keep}
    >
      {props.problem && <Problem problem={props.problem} />}
      <DialogActions
        safe={
          <Button ref={keep} onClick={props.onClose}>
            {props.keep ?? say('common.cancel')}
          </Button>
        }
        act={
          <Button intent={props.danger ? 'danger' : 'primary'} busy={props.busy} onClick={props.onConfirm}>
            {props.action}
          </Button>
        }
      />
    </QuestionDialog>
  )
}
