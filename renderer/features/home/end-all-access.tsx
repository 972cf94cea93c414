import { say } from '../../../locales/say.ts'
import { keyOf, useCommand } from '../../pipe/host.tsx'
import { ConfirmButton } from '../../ui/dialog.tsx'
import { showDone } from '../../ui/toasts.tsx'
import styles from './home-page.module.css'

/** Raising the bridge for good: nobody who was let in comes back by themselves. */
export function EndAllAccess() {
  const raise = useCommand('bridge.raise', {
    inline: true,
    state: () => keyOf('status.get'),
    refreshes: ['grants.list', 'adminKey.get'],
    done: () => showDone(say('bridge.endAll.done')),
  })
  return (
    <ConfirmButton
      intent="quiet-danger"
      size="small"
      className={styles['end-all']}
      command={raise}
      input={{ endAllAccess: true }}
      question={{
        title: say('bridge.endAll.title'),
        text: say('bridge.endAll.text'),
        action: say('bridge.endAll.action'),
        danger: true,
      }}
    >
      {say('bridge.endAll.button')}
    </ConfirmButton>
  )
}
