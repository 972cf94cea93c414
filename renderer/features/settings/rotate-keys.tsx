import { useRef, useState } from 'react'
import { say } from '../../../locales/say.ts'
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
    <Section title={say('settings.rotateKeys.title')}>
      <Card className={styles.card}>
        <div className={styles.switch}>
          <div>
            <p className={styles.strong}>{say('settings.rotateKeys.signingKeys')}</p>
            <p className={styles.small}>{say('settings.rotateKeys.ifYouFearThat')}</p>
          </div>
          <Button onClick={() => setAsking(true)}>{say('settings.rotateKeys.rotateSigningKeys')}</Button>
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
      showDone(say('settings.rotateKeys.everybodyWasSignedOut'))
      onClose()
    },
  })
  return (
    <QuestionDialog
      open
      onClose={onClose}
      focus={keep}
      title={say('settings.rotateKeys.question')}
      text={say('settings.rotateKeys.text')}
    >
      <Check
        label={say('settings.rotateKeys.alsoEndNamedKeys')}
        text={say('settings.rotateKeys.theyCannotBeBrought')}
        checked={keys}
        onChange={setKeys}
      />
      {rotate.error !== null && <Problem problem={problemOf(rotate.error)} />}
      <DialogActions
        safe={
          <Button ref={keep} onClick={onClose}>
            {say('common.cancel')}
          </Button>
        }
        act={
          <Button intent="danger" busy={rotate.isPending} onClick={() => rotate.mutate({ keys })}>
            {say('settings.rotateKeys.rotateSigningKeys')}
          </Button>
        }
      />
    </QuestionDialog>
  )
}
