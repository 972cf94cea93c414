import { useState } from 'react'
import { say } from '../../../../locales/say.ts'
import { Button } from '../../../ui/button.tsx'
import { Card, Section, Setting } from '../../../ui/page.tsx'
import { MakeBackup } from './make-backup.tsx'
import { RestoreBackup } from './restore-backup.tsx'

/** Everything in one file, and back. */
export function BackupSection() {
  const [open, setOpen] = useState<'make' | 'restore' | null>(null)
  const close = () => setOpen(null)
  return (
    <Section title={say('settings.backup.title')}>
      <Card lines="close">
        <Setting title={say('settings.backup.make')} text={say('settings.backup.makeText')}>
          <Button onClick={() => setOpen('make')}>{say('settings.backup.makeButton')}</Button>
        </Setting>
        <Setting title={say('settings.backup.restore')} text={say('settings.backup.restoreText')}>
          <Button onClick={() => setOpen('restore')}>{say('settings.backup.restoreButton')}</Button>
        </Setting>
      </Card>
      {open === 'make' && <MakeBackup onClose={close} />}
      {open === 'restore' && <RestoreBackup onClose={close} />}
    </Section>
  )
}
