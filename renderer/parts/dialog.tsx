import { AlertDialog } from '@base-ui/react/alert-dialog'
import { Dialog } from '@base-ui/react/dialog'
import { type ReactNode, type RefObject, useRef } from 'react'
import type { ErrorReply } from '../../src/contract/models.ts'
import { Button } from './button.tsx'
import { cx } from './cx.ts'
import styles from './dialog.module.css'
import { LONGEST_LINE, plain } from './plain.tsx'
import { Problem } from './problem.tsx'

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

/** A dialog to fill in. A press beside it does not throw away what was typed. */
export function FormDialog({ open, onClose, title, text, children, focus }: ModalProps) {
  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && onClose()} disablePointerDismissal>
      <Dialog.Portal>
        <Dialog.Backdrop className={styles.backdrop} />
        <Dialog.Viewport className={styles.viewport}>
          <Dialog.Popup className={styles.popup} {...(focus ? { initialFocus: focus } : {})}>
            <Dialog.Title className={styles.title}>{plain(title, LONGEST_LINE)}</Dialog.Title>
            {text && <Dialog.Description className={styles.text}>{plain(text)}</Dialog.Description>}
            {children}
          </Dialog.Popup>
        </Dialog.Viewport>
      </Dialog.Portal>
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
            {props.keep ?? 'Cancel'}
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
