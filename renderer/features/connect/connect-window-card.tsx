import { useIsMutating } from '@tanstack/react-query'
import { say } from '../../../locales/say.ts'
import type { ClientKind, ConnectWindow } from '../../../src/contract/access.ts'
import { buttonWords } from '../../../src/contract/agreed/words/button.ts'
import { Button } from '../../ui/button.tsx'
import { cx } from '../../ui/cx.ts'
import { Card } from '../../ui/page.tsx'
import { Buttons, Small } from '../../ui/text.tsx'
import { countdown } from '../../words/time.ts'
import styles from './connect-page.module.css'
import { isWaiting } from './connect-stage.ts'
import { useCloseWindow, useOpenWindow } from './use-open-window.ts'

interface WindowProps {
  client: ClientKind
  window: ConnectWindow
  now: number
}

/** The ten minutes in which a new client may ask: how much is left, or the button that opens them. */
export function ConnectWindowCard({ client, window, now }: WindowProps) {
  const open = useOpenWindow()
  const close = useCloseWindow()
  const forThis = isWaiting(client, window, now)
  // Home's button opens the window too, and is gone by the time this card is shown.
  const opening = useIsMutating({ mutationKey: ['connect.open'] }) > 0

  return (
    <Card className={cx(styles.window, forThis && styles.open)}>
      <div className={styles['window-words']}>
        <p className={styles['window-title']}>
          {forThis ? (
            <span>
              {say('connect.window.readyForMoreMinutes', { left: countdown(window.closesAt ?? now, now) })}
            </span>
          ) : opening ? (
            say('common.oneMoment')
          ) : (
            say('connect.window.notWaitingForAnybody')
          )}
        </p>
        <Small>{explain(client, forThis, window.open)}</Small>
      </div>
      <Buttons>
        {forThis && (
          <Button intent="quiet" busy={close.isPending} onClick={() => close.mutate(undefined)}>
            {say('common.stopWaiting')}
          </Button>
        )}
        <Button
          intent={forThis ? 'neutral' : 'primary'}
          busy={opening}
          onClick={() => open.mutate({ client })}
        >
          {forThis ? say('connect.window.startTenMinutesAnew') : buttonWords.connect}
        </Button>
      </Buttons>
    </Card>
  )
}

function explain(client: ClientKind, forThis: boolean, isOpen: boolean): string {
  if (forThis) return say('connect.window.onlyInThisTime')
  if (isOpen) return say('connect.window.atTheMomentDrawbridge')
  // It may be on this computer.
  return say(client === 'other' ? 'connect.window.connectHere' : 'connect.window.connectOpensYourPublic')
}
