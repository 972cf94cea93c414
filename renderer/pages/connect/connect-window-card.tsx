import { useIsMutating } from '@tanstack/react-query'
import type { ClientKind } from '../../../src/contract/models.ts'
import { Button } from '../../parts/button.tsx'
import { cx } from '../../parts/cx.ts'
import { Card } from '../../parts/page.tsx'
import { useNow } from '../../parts/use-now.ts'
import { keyOf, useCall, useCommand } from '../../pipe/host.tsx'
import { countdown } from '../../words/time.ts'
import styles from './connect-page.module.css'
import { useOpenWindow } from './use-open-window.ts'

/** The ten minutes in which a new client may ask: how much is left, or the button that opens them. */
export function ConnectWindowCard({ client }: { client: ClientKind }) {
  const status = useCall('status.get', undefined)
  const open = useOpenWindow()
  const close = useCommand('connect.close', {
    done: (_output, queries) => void queries.invalidateQueries({ queryKey: keyOf('status.get') }),
  })
  // Home's button opens the window too, and is gone by the time this card is shown.
  const opening = useIsMutating({ mutationKey: ['connect.open'] }) > 0
  const closesAt = status.data?.window.open ? status.data.window.closesAt : null
  const now = useNow(500, closesAt !== null)
  if (!status.data) return null
  const isOpen = closesAt !== null && closesAt > now
  const forThis = isOpen && status.data.window.expects === client

  return (
    <Card className={cx(styles.window, forThis && styles.open)}>
      <div className={styles['window-words']}>
        <p className={styles['window-title']}>
          {forThis ? (
            <span>Ready for {countdown(closesAt, now)} more minutes</span>
          ) : (
            'Not waiting for anybody'
          )}
        </p>
        <p className={styles.small}>{explain(forThis, isOpen)}</p>
      </div>
      <div className={styles.buttons}>
        {forThis && (
          <Button intent="quiet" busy={close.isPending} onClick={() => close.mutate(undefined)}>
            Stop waiting
          </Button>
        )}
        <Button
          intent={forThis ? 'neutral' : 'primary'}
          busy={opening}
          onClick={() => open.mutate({ client })}
        >
          {forThis ? 'Start ten minutes anew' : 'Connect'}
        </Button>
      </div>
    </Card>
  )
}

function explain(forThis: boolean, isOpen: boolean): string {
  if (forThis) return 'Only in this time can a new app ask to be let in.'
  if (isOpen) return 'At the moment Drawbridge expects another app. Connect expects this one instead.'
  return 'Connect opens your public address and, for ten minutes, lets this app ask to be let in.'
}
