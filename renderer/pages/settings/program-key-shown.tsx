import { Button } from '../../parts/button.tsx'
import { CopyField } from '../../parts/copy-field.tsx'
import { DialogActions } from '../../parts/dialog.tsx'
import { Problem } from '../../parts/problem.tsx'
import { useCall } from '../../pipe/host.tsx'
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
      <Problem
        tone="warn"
        announce={false}
        problem={{
          message: 'Keep it like a password.',
          hint: 'Put it only into the program it is for, never into a chat or an email. If it gets out, remove it here.',
        }}
      />
      <DialogActions
        safe={null}
        act={
          <Button intent="primary" onClick={onClose}>
            I have copied it
          </Button>
        }
      />
    </div>
  )
}
