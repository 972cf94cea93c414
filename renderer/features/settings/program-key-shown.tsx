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
      <CopyField label="Key" value={value} whole onCopied={onCopied} />
      {status?.shell === 'headless' ? (
        <CopyField label="Address for programs" value={`${location.origin}/api/v1`} />
      ) : (
        <>
          <CopyField
            label="File that tells programs where to connect"
            value={`${status?.dataDir ?? ''}${separator}control.json`}
          />
          <p className={styles.small}>
            The “port” in it is new after each start: http://127.0.0.1:port/api/v1.
          </p>
        </>
      )}
      <KeepSecret undo="remove" onClose={onClose} />
    </div>
  )
}
