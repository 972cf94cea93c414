import { say } from '../../../locales/say.ts'
import type { ClientKind, ConnectWindow } from '../../../src/contract/access.ts'
import type { ConnectFlow } from '../../../src/contract/setup.ts'
import { Button, ButtonLink, Spinner } from '../../ui/button.tsx'
import { CopyField } from '../../ui/copy-field.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Card } from '../../ui/page.tsx'
import { Buttons, Small } from '../../ui/text.tsx'
import { countdown } from '../../words/time.ts'
import styles from './connect-page.module.css'
import { isWaiting, type Stage } from './connect-stage.ts'
import { useCloseWindow, useOpenWindow } from './use-open-window.ts'

interface InsideProps {
  flow: ConnectFlow
  stage: Exclude<Stage, 'idle' | 'waiting'>
  window: ConnectWindow
  now: number
}

/** Once somebody was let in: what to do now. Nothing here takes a step back. */
export function ConnectInsideCard({ flow, stage, window, now }: InsideProps) {
  const name = say(`connect.app.${flow.client}`)
  const first = flow.steps.find((step) => step.id === 'call')?.copy
  if (stage === 'entering')
    return (
      <Card className={styles.window}>
        <div className={styles['window-words']} role="status">
          <p className={styles['window-title']}>
            <Spinner /> {say('connect.inside.youLetItIn')}
          </p>
          <Small>{say('connect.inside.goingBackToWhich', { name })}</Small>
        </div>
      </Card>
    )
  return (
    <Card className={styles.finished}>
      <Icon name={stage === 'stuck' ? 'info' : 'check'} size={28} />
      <div>
        <div role="status">
          <p className={styles['window-title']}>{title(stage, flow.client)}</p>
          {stage === 'done' && <p>{say('connect.inside.chooseWhatItMay')}</p>}
          {stage === 'stuck' && <p>{say('connect.inside.oneStepBelowDid')}</p>}
        </div>
        {stage === 'in' && first && (
          <CopyField label={say('connect.inside.sayThisTo', { name })} value={first.value} whole />
        )}
        <Another client={flow.client} window={window} now={now} />
      </div>
      {stage === 'done' && (
        <Buttons>
          <ButtonLink to="/tools">{say('connect.inside.tools')}</ButtonLink>
          <ButtonLink to="/access">{say('connect.inside.access')}</ButtonLink>
        </Buttons>
      )}
    </Card>
  )
}

function title(stage: 'in' | 'stuck' | 'done', client: ClientKind): string {
  if (stage === 'done' && client === 'other') return say('connect.inside.doneOther')
  return say(`connect.inside.${stage}`, { name: say(`connect.app.${client}`) })
}

/** For a second account of the same app. */
function Another({ client, window, now }: { client: ClientKind; window: ConnectWindow; now: number }) {
  const open = useOpenWindow()
  const close = useCloseWindow()
  if (!isWaiting(client, window, now))
    return (
      <Small>
        <Button
          intent="quiet"
          size="small"
          busy={open.isPending}
          onClick={() => open.mutate({ client, again: true })}
        >
          {say('connect.inside.connectAnotherAccount')}
        </Button>
      </Small>
    )
  return (
    <Small>
      {say('connect.inside.anotherMayAsk', { left: countdown(window.closesAt ?? now, now) })}{' '}
      <Button intent="quiet" size="small" busy={close.isPending} onClick={() => close.mutate(undefined)}>
        {say('common.stopWaiting')}
      </Button>
    </Small>
  )
}
