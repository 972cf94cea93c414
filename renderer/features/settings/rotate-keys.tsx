import { useRef, useState } from 'react'
import { keyOf, problemOf, useCommand } from '../../pipe/host.tsx'
import { Button } from '../../ui/button.tsx'
import { Check } from '../../ui/check.tsx'
import { DialogActions, QuestionDialog } from '../../ui/dialog.tsx'
import { Card, Section } from '../../ui/page.tsx'
import { Problem } from '../../ui/problem.tsx'
import { showDone } from '../../ui/toasts.tsx'
import styles from './settings-page.module.css'

/** The big broom: everybody out, and nothing handed out before is worth anything any more. */
export function RotateKeys() {
  const [asking, setAsking] = useState(false)
  return (
    <Section title="Start afresh">
      <Card className={styles.card}>
        <div className={styles.switch}>
          <div>
            <p className={styles.strong}>Signing keys</p>
            <p className={styles.small}>
              If you fear that somebody got hold of a token: new keys make everything handed out so far
              worthless, at once.
            </p>
          </div>
          <Button onClick={() => setAsking(true)}>Rotate signing keys</Button>
        </div>
      </Card>
      {asking && <RotateDialog onClose={() => setAsking(false)} />}
    </Section>
  )
}

function RotateDialog({ onClose }: { onClose(): void }) {
  const [keys, setKeys] = useState(false)
  const keep = useRef<HTMLButtonElement>(null)
  const rotate = useCommand('security.rotate', {
    inline: true,
    done: (_output, client) => {
      void client.invalidateQueries({ queryKey: keyOf('grants.list') })
      showDone('Everybody was signed out')
      onClose()
    },
  })
  return (
    <QuestionDialog
      open
      onClose={onClose}
      focus={keep}
      title="Rotate signing keys?"
      text="Every assistant and app is cut off at once. What you allowed each of them is kept, but every one must ask again, and you let it in again with the three digits."
    >
      <Check
        label="Also end named keys"
        text="They cannot be brought back. Every program that uses one needs a new key."
        checked={keys}
        onChange={setKeys}
      />
      {rotate.error !== null && <Problem problem={problemOf(rotate.error)} />}
      <DialogActions
        safe={
          <Button ref={keep} onClick={onClose}>
            Cancel
          </Button>
        }
        act={
          <Button intent="danger" busy={rotate.isPending} onClick={() => rotate.mutate({ keys })}>
            Rotate signing keys
          </Button>
        }
      />
    </QuestionDialog>
  )
}
