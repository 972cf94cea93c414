import { useState } from 'react'
import { say } from '../../../locales/say.ts'
import { keyOf, problemOf, useCommand } from '../../pipe/host.tsx'
import { Button } from '../../ui/button.tsx'
import { ConfirmDialog } from '../../ui/dialog.tsx'
import { showDone } from '../../ui/toasts.tsx'
import styles from './home-page.module.css'

/** Raising the bridge for good: nobody who was let in comes back by themselves. */
export function EndAllAccess() {
  const [asking, setAsking] = useState(false)
  const raise = useCommand('bridge.raise', {
    inline: true,
    state: () => keyOf('status.get'),
    done: (_status, client) => {
      for (const name of ['grants.list', 'adminKey.get'] as const)
        void client.invalidateQueries({ queryKey: keyOf(name) })
      showDone(say('bridge.endAll.done'))
      setAsking(false)
    },
  })
  return (
    <>
      <Button
        intent="quiet-danger"
        size="small"
        className={styles['end-all']}
        onClick={() => setAsking(true)}
      >
        {say('bridge.endAll.button')}
      </Button>
      <ConfirmDialog
        open={asking}
        onClose={() => setAsking(false)}
        title={say('bridge.endAll.title')}
        text={say('bridge.endAll.text')}
        action={say('bridge.endAll.action')}
        danger
        busy={raise.isPending}
        problem={raise.error ? problemOf(raise.error) : null}
        onConfirm={() => raise.mutate({ endAllAccess: true })}
      />
    </>
  )
}
