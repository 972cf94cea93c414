import { say } from '../../../locales/say.ts'
import type { Folder } from '../../../src/contract/folders.ts'
import { useCall } from '../../pipe/host.tsx'
import { Button } from '../../ui/button.tsx'
import { DialogActions } from '../../ui/dialog.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { Waiting } from '../../ui/page.tsx'
import { Plain } from '../../ui/plain.tsx'
import styles from './folders.module.css'

const shown = 20

/** What of a folder assistants do not find, and why. */
export function LeftOutDialog({ folder, onClose }: { folder: Folder; onClose(): void }) {
  const leftOut = useCall('folders.skipped', { id: folder.id })
  const { reasons = [], items = [] } = leftOut.data ?? {}
  return (
    <FormDialog
      onClose={onClose}
      onlyCopy={false}
      title={say('folders.leftOutTitle', { name: folder.name })}
      text={say('folders.leftOutText')}
    >
      {!leftOut.data && <Waiting on={leftOut} />}
      <div className={styles.reasons}>
        {reasons.map(({ reason, count }) => {
          const paths = items.filter((one) => one.reason === reason).slice(0, shown)
          return (
            <details key={reason}>
              <summary>
                {say('folders.reasonCount', { count, reason: say(`folders.reason.${reason}`) })}
              </summary>
              <ul className={styles.paths}>
                {paths.map(({ path }) => (
                  <li key={path}>
                    <Plain text={path} />
                  </li>
                ))}
                {count > paths.length && <li>{say('folders.andMore', { count: count - paths.length })}</li>}
              </ul>
            </details>
          )
        })}
      </div>
      <DialogActions safe={<Button onClick={onClose}>{say('common.close')}</Button>} act={null} />
    </FormDialog>
  )
}
