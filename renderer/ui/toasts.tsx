import { Toast } from '@base-ui/react/toast'
import { say } from '../../locales/say.ts'
import type { ErrorReply } from '../../src/contract/errors.ts'
import { Button } from './button.tsx'
import { cx } from './cx.ts'
import { Icon } from './icon.tsx'
import { Plain, plain } from './plain.tsx'
import styles from './toasts.module.css'

const manager = Toast.createToastManager()

/** Long enough to read two sentences; hovering or focusing holds it. */
const PROBLEM_MS = 12_000
const DONE_MS = 4_000
/** In characters: a name must not make it cover the page. */
const LONGEST = 400

/** Says what went wrong and what to do next. The same problem is shown once, not stacked. */
export function showProblem(problem: ErrorReply): void {
  manager.add({
    id: `${problem.code}:${problem.message}`,
    type: 'problem',
    title: <Plain text={problem.message} written longest={LONGEST} />,
    description: problem.hint && <Plain text={problem.hint} written longest={LONGEST} />,
    priority: 'high',
    timeout: PROBLEM_MS,
  })
}

export function showDone(title: string): void {
  manager.add({ type: 'done', title: plain(title, LONGEST), timeout: DONE_MS })
}

export function Toasts() {
  return (
    <Toast.Provider toastManager={manager} limit={3}>
      <Toast.Portal>
        <Toast.Viewport className={styles.viewport} aria-label={say('ui.toasts.label')}>
          <ToastList />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  )
}

function ToastList() {
  const { toasts } = Toast.useToastManager()
  return toasts.map((toast) => {
    const problem = toast.type === 'problem'
    return (
      <Toast.Root
        key={toast.id}
        toast={toast}
        // Base UI hides urgent ones from screen readers, which it tells another way, but not from the Tab key.
        aria-hidden={false}
        className={cx(styles.toast, problem ? styles.problem : styles.done)}
      >
        <Icon name={problem ? 'warning' : toast.type === 'note' ? 'info' : 'check'} />
        <div className={styles.text}>
          <Toast.Title className={styles.title} render={<p />} />
          <Toast.Description className={styles.hint} />
        </div>
        <Toast.Close
          aria-hidden={false}
          render={
            <Button intent="quiet" size="small" iconOnly aria-label={say('ui.toasts.closeThisMessage')} />
          }
        >
          <Icon name="cross" size={16} />
        </Toast.Close>
      </Toast.Root>
    )
  })
}
