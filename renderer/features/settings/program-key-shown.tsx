import { say } from '../../../locales/say.ts'
import { useCall } from '../../pipe/host.tsx'
import { CopyField } from '../../ui/copy-field.tsx'
import { KeepSecret } from '../../ui/keep-secret.tsx'
import styles from './settings-page.module.css'

interface ProgramKeyShownProps {
  value: string
  onClose(): void
  onCopied(): void
}

/** The new key, and where a program knocks with it. */
export function ProgramKeyShown({ value, onClose, onCopied }: ProgramKeyShownProps) {
  const status = useCall('status.get', undefined).data
  const separator = status?.dataDir.includes('\\') ? '\\' : '/'
  return (
    <div className={styles.form}>
      <CopyField label={say('common.key')} value={value} whole onCopied={onCopied} />
      {status?.shell === 'headless' ? (
        <CopyField
          label={say('settings.programKeyShown.addressForPrograms')}
          value={`${location.origin}/api/v1`}
        />
      ) : (
        <>
          <CopyField
            label={say('settings.programKeyShown.fileThatTellsPrograms')}
            value={`${status?.dataDir ?? ''}${separator}control.json`}
          />
          <p className={styles.small}>{say('settings.programKeyShown.thePortInIt')}</p>
        </>
      )}
      <KeepSecret undo="remove" onClose={onClose} />
    </div>
  )
}
