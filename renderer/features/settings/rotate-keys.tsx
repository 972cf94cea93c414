import { useState } from 'react'
import { say } from '../../../locales/say.ts'
import { useCommand } from '../../pipe/host.tsx'
import { Button } from '../../ui/button.tsx'
import { Check } from '../../ui/check.tsx'
import { ConfirmDialog } from '../../ui/dialog.tsx'
import { Card, Section } from '../../ui/page.tsx'
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
  const rotate = useCommand('security.rotate', {
    inline: true,
    refreshes: ['grants.list'],
    done: () => {
      showDone(say('settings.rotateKeys.everybodyWasSignedOut'))
      onClose()
    },
  })
  return (
    <ConfirmDialog
      onClose={onClose}
      title={say('settings.rotateKeys.question')}
      text={say('settings.rotateKeys.text')}
      action={say('settings.rotateKeys.rotateSigningKeys')}
      danger
      command={rotate}
      onConfirm={() => rotate.mutate({ keys })}
    >
      <Check
        label={say('settings.rotateKeys.alsoEndNamedKeys')}
        text={say('settings.rotateKeys.theyCannotBeBrought')}
        checked={keys}
        onChange={setKeys}
      />
    </ConfirmDialog>
  )
}
