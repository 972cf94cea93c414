import { useState } from 'react'
import type { Status } from '../../../src/contract/models.ts'
import { Button } from '../../parts/button.tsx'
import { CopyField } from '../../parts/copy-field.tsx'
import { DialogActions, FormDialog } from '../../parts/dialog.tsx'
import { Problem } from '../../parts/problem.tsx'
import styles from './settings-page.module.css'

interface ProgramKeyShownProps {
  /** Null: closed. */
  value: string | null
  status: Status
  onClose(): void
}

/** The new key, once, and where a program knocks with it. */
export function ProgramKeyShown({ value, status, onClose }: ProgramKeyShownProps) {
  const [copied, setCopied] = useState<string | null>(null)
  const separator = status.dataDir.includes('\\') ? '\\' : '/'
  return (
    <FormDialog
      open={value !== null}
      onClose={onClose}
      onlyCopy={
        copied !== value && 'The key is shown only this once. Copy it first, or press “I have copied it”.'
      }
      title="Copy the key now"
      text="It is shown only this once. Drawbridge keeps no copy that could be shown again."
    >
      <div className={styles.form}>
        <CopyField label="Key" value={value ?? ''} whole onCopied={() => setCopied(value)} />
        {status.shell === 'headless' ? (
          <CopyField label="Address for programs" value={`${location.origin}/api/v1`} />
        ) : (
          <>
            <CopyField
              label="File that tells programs where to connect"
              value={`${status.dataDir}${separator}control.json`}
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
    </FormDialog>
  )
}
