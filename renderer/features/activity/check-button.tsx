import { useState } from 'react'
import { say } from '../../../locales/say.ts'
import type { ActivityCheck } from '../../../src/contract/activity.ts'
import { checkSentences, isWhole } from '../../../src/contract/agreed/check-words.ts'
import { useCommand } from '../../pipe/host.tsx'
import { Button } from '../../ui/button.tsx'
import { DialogActions } from '../../ui/dialog.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { Waiting } from '../../ui/page.tsx'
import { Note } from '../../ui/problem.tsx'
import styles from './check-button.module.css'

/** Goes over the whole log, and says in words whether something was changed or taken away. */
export function CheckButton({ onSelect }: { onSelect(id: string): void }) {
  const [open, setOpen] = useState(false)
  const check = useCommand('activity.check', { inline: true })
  const begin = () => check.mutate(undefined)
  return (
    <>
      <Button
        onClick={() => {
          setOpen(true)
          begin()
        }}
      >
        {say('record.open')}
      </Button>
      {open && (
        <FormDialog
          title={say('record.title')}
          text={say('record.text')}
          onClose={() => setOpen(false)}
          onlyCopy={false}
        >
          <div className={styles.found} aria-live="polite">
            <Waiting on={{ isPending: check.isPending, error: check.error, refetch: begin }} />
            {check.data && (
              <Found
                check={check.data.value}
                onSelect={(id) => {
                  setOpen(false)
                  onSelect(id)
                }}
              />
            )}
          </div>
          <DialogActions
            safe={null}
            act={<Button onClick={() => setOpen(false)}>{say('common.close')}</Button>}
          />
        </FormDialog>
      )}
    </>
  )
}

function Found({ check, onSelect }: { check: ActivityCheck; onSelect(id: string): void }) {
  const [first = '', ...others] = checkSentences(check)
  const whole = isWhole(check)
  return (
    <>
      <Note tone={whole ? 'info' : 'danger'} message={first} />
      {others.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
      {check.changed.length > 0 && (
        <ul className={styles.rows}>
          {check.changed.map((id, index) => (
            <li key={id}>
              <Button size="small" intent="quiet" onClick={() => onSelect(id)}>
                {say('record.row', { number: index + 1 })}
              </Button>
            </li>
          ))}
        </ul>
      )}
      {check.more > 0 && <p>{say('record.more', { count: check.more })}</p>}
    </>
  )
}
