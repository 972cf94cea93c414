import { Dialog } from '@base-ui/react/dialog'
import { useBlocker, useRouter } from '@tanstack/react-router'
import { type FormEvent, type ReactNode, useRef, useState } from 'react'
import { say } from '../../locales/say.ts'
import { Button } from './button.tsx'
import styles from './dialog.module.css'
import { type Commanded, DialogActions, type ModalProps, ThrowAwayDialog } from './dialog.tsx'
import { useStay } from './hooks/use-stay.ts'
import { TouchContext } from './hooks/use-touch.ts'
import { useWrongFirst } from './hooks/use-wrong-first.ts'
import { LONGEST_LINE, plain } from './plain.tsx'
import { Failure, Problem } from './problem.tsx'

/** What a form sends, and how that fares. `input` is null while something is missing or wrong: the fields say so once `tried`. */
export function useForm<I>(command: Commanded<I>, input: NoInfer<I> | null) {
  const [tried, setTried] = useState(false)
  const [tries, setTries] = useState(0)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    setTries((count) => count + 1)
    if (input !== null && !command.isPending) command.mutate(input)
  }
  return { tried, setTried, tries, submit, busy: command.isPending, error: command.error }
}

interface FormProps {
  form: ReturnType<typeof useForm>
  action: string
  onCancel(): void
  /** What leaving it is called; left out: *Cancel*. */
  leave?: string | undefined
  /** A further way to leave it. */
  aside?: ReactNode
  disabled?: boolean
  children: ReactNode
}

/** The fields of a dialog, what went wrong, and its two buttons. */
export function Form({ form, action, onCancel, leave, aside, disabled, children }: FormProps) {
  const ref = useRef<HTMLFormElement>(null)
  useWrongFirst(ref, form.tries, form.busy)
  return (
    <form ref={ref} className={styles.form} noValidate onSubmit={form.submit}>
      {children}
      <Failure of={form.error} />
      <DialogActions
        safe={
          <>
            <Button onClick={onCancel}>{leave ?? say('common.cancel')}</Button>
            {aside}
          </>
        }
        act={
          <Button intent="primary" type="submit" busy={form.busy} disabled={disabled}>
            {action}
          </Button>
        }
      />
    </form>
  )
}

/** The browser's *Back* and *Forward*, and an address that tray or notification gives, do what Esc does; other ways off the page are ours. */
function BackAsks({ leave }: { leave(): void }) {
  const { routesById } = useRouter()
  useBlocker({
    // `useStay` asks there.
    enableBeforeUnload: false,
    shouldBlockFn: ({ action, next }) => {
      const isTheirs = action === 'BACK' || action === 'FORWARD' || action === 'GO'
      if (!isTheirs) return false
      const over = routesById[next.routeId]?.options.staticData?.over
      // A question that was asked for does not have to wait for an answer here.
      if (over) over(next.params)
      else leave()
      return true
    },
  })
  return null
}

interface FormDialogProps extends Omit<ModalProps, 'above' | 'whole'> {
  /** Left out where the children bring forms of their own, or nothing is filled in. */
  form?: FormProps['form']
  action?: string
  leave?: FormProps['leave']
  /**
   * For what is only shown, not filled in. A text: it exists nowhere else and was not copied yet, so that only the dialog's own
   * button closes it; the text says so when Esc is pressed. False: nothing is lost, as of what is saved by now.
   */
  onlyCopy?: string | false
}

/**
 * A dialog to fill in, or that shows something. A press beside it does not close it, Esc and the browser's *Back* not before it was
 * asked whether what was typed may go, and not at all while it shows the only copy of something.
 */
export function FormDialog(props: FormDialogProps) {
  const { onClose, title, text, children, focus, onlyCopy, form, action = '', leave: leaving } = props
  const [touched, setTouched] = useState(false)
  const [asking, setAsking] = useState(false)
  const [warned, setWarned] = useState(false)
  const keeps = Boolean(onlyCopy)
  const stays = keeps || (touched && onlyCopy === undefined)
  useStay(stays)
  const leave = () => {
    if (keeps) setWarned(true)
    else if (touched && onlyCopy === undefined) setAsking(true)
    else onClose()
  }
  const touch = () => setTouched(true)
  // What shows a key is not on a page, and no way off one takes it away.
  const isOnPage = useRouter({ warn: false }) !== null
  return (
    <Dialog.Root open onOpenChange={(next) => !next && leave()} disablePointerDismissal>
      <Dialog.Portal>
        <Dialog.Backdrop className={styles.backdrop} />
        <Dialog.Viewport className={styles.viewport}>
          <Dialog.Popup
            className={styles.popup}
            data-over-page
            onInput={touch}
            onChange={touch}
            {...(focus ? { initialFocus: focus } : {})}
          >
            <Dialog.Title className={styles.title}>{plain(title, LONGEST_LINE)}</Dialog.Title>
            {text && <Dialog.Description className={styles.text}>{plain(text)}</Dialog.Description>}
            {keeps && warned && <Problem tone="warn" problem={{ message: onlyCopy || '' }} />}
            <TouchContext value={touch}>
              {form ? (
                <Form form={form} action={action} onCancel={onClose} leave={leaving}>
                  {children}
                </Form>
              ) : (
                children
              )}
            </TouchContext>
          </Dialog.Popup>
        </Dialog.Viewport>
      </Dialog.Portal>
      {isOnPage && stays && <BackAsks leave={leave} />}
      {asking && <ThrowAwayDialog onClose={() => setAsking(false)} onConfirm={onClose} />}
    </Dialog.Root>
  )
}
