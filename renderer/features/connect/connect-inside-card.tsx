import type { ClientKind, ConnectWindow } from '../../../src/contract/access.ts'
import type { ConnectFlow } from '../../../src/contract/setup.ts'
import { Button, ButtonLink, Spinner } from '../../ui/button.tsx'
import { CopyField } from '../../ui/copy-field.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Card } from '../../ui/page.tsx'
import { countdown } from '../../words/time.ts'
import styles from './connect-page.module.css'
import { isWaiting, type Stage } from './connect-stage.ts'
import { useCloseWindow, useOpenWindow } from './use-open-window.ts'

const NAMES: Record<ClientKind, string> = { chatgpt: 'ChatGPT', claude: 'Claude', other: 'the app' }

interface InsideProps {
  flow: ConnectFlow
  stage: Exclude<Stage, 'idle' | 'waiting'>
  window: ConnectWindow
  now: number
}

/** Once somebody was let in: what to do now. Nothing here takes a step back. */
export function ConnectInsideCard({ flow, stage, window, now }: InsideProps) {
  const name = NAMES[flow.client]
  const say = flow.steps.find((step) => step.id === 'call')?.copy
  if (stage === 'entering')
    return (
      <Card className={styles.window}>
        <div className={styles['window-words']} role="status">
          <p className={styles['window-title']}>
            <Spinner /> You let it in
          </p>
          <p className={styles.small}>
            Going back to {name}, which fetches its pass. This happens by itself.
          </p>
        </div>
      </Card>
    )
  return (
    <Card className={styles.finished}>
      <Icon name={stage === 'stuck' ? 'info' : 'check'} size={28} />
      <div className={styles.inside}>
        <div role="status">
          <p className={styles['window-title']}>{TITLES[stage](name)}</p>
          {stage === 'done' && <p>Choose what it may use under Tools, and how far it may go under Access.</p>}
          {stage === 'stuck' && <p>One step below did not work yet. It says what to do.</p>}
        </div>
        {stage === 'in' && say && <CopyField label={`Say this to ${name}`} value={say.value} whole />}
        <Another client={flow.client} window={window} now={now} />
      </div>
      {stage === 'done' && (
        <div className={styles.buttons}>
          <ButtonLink to="/tools">Tools</ButtonLink>
          <ButtonLink to="/access">Access</ButtonLink>
        </div>
      )}
    </Card>
  )
}

const TITLES = {
  in: (name: string) => `You’re in. Now ask ${name} this:`,
  stuck: (name: string) => `You’re in, but ${name} cannot use your tools yet`,
  done: (name: string) => `Connected. ${name === 'the app' ? 'The app' : name} can use your tools.`,
}

/** For a second account of the same app. */
function Another({ client, window, now }: { client: ClientKind; window: ConnectWindow; now: number }) {
  const open = useOpenWindow()
  const close = useCloseWindow()
  if (!isWaiting(client, window, now))
    return (
      <p className={styles.small}>
        <Button
          intent="quiet"
          size="small"
          busy={open.isPending}
          onClick={() => open.mutate({ client, again: true })}
        >
          Connect another account
        </Button>
      </p>
    )
  return (
    <p className={styles.small}>
      Another one may ask to be let in for {countdown(window.closesAt ?? now, now)} more minutes.{' '}
      <Button intent="quiet" size="small" busy={close.isPending} onClick={() => close.mutate(undefined)}>
        Stop waiting
      </Button>
    </p>
  )
}
