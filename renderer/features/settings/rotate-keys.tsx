import { useState } from 'react'
import { say } from '../../../locales/say.ts'
import { useCommand } from '../../pipe/host.tsx'
import { Button } from '../../ui/button.tsx'
import { Check } from '../../ui/check.tsx'
import { ConfirmDialog } from '../../ui/dialog.tsx'
import { Card, Section, Setting } from '../../ui/page.tsx'
import { showDone } from '../../ui/toasts.tsx'

/** The big broom: everybody out, and nothing handed out before is worth anything any more. */
export function RotateKeys() {
  const [asking, setAsking] = useState(false)
  return (
    <Section title={say('settings.rotateKeys.title')}>
      <Card lines="close">
        <Setting
          title={say('settings.rotateKeys.signingKeys')}
          text={say('settings.rotateKeys.ifYouFearThat')}
        >
          <Button onClick={() => setAsking(true)}>{say('settings.rotateKeys.rotateSigningKeys')}</Button>
        </Setting>
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
    done: () => showDone(say('settings.rotateKeys.everybodyWasSignedOut')),
    leave: onClose,
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
