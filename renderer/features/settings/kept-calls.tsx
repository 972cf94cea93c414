import type { Preferences } from '../../../src/contract/preferences.ts'
import { keyOf, patchCall, useCall, useCommand } from '../../pipe/host.tsx'
import { Choice } from '../../ui/choice.tsx'
import { Card, Section, Waiting } from '../../ui/page.tsx'
import styles from './settings-page.module.css'

const DAYS: Record<Preferences['activityDays'], string> = {
  7: '7 days',
  30: '30 days',
  90: '90 days (usual)',
  365: 'A year',
}

/** How long the activity log goes back. */
export function KeptCalls() {
  const preferences = useCall('preferences.get', undefined)
  const set = useCommand('preferences.set', {
    optimistic: (client, wanted) =>
      patchCall(client, 'preferences.get', undefined, (old) => ({
        ...old,
        activityDays: wanted.activityDays ?? old.activityDays,
      })),
    state: () => keyOf('preferences.get'),
  })
  return (
    <Section title="Activity">
      <Waiting on={preferences} />
      {preferences.data && (
        <Card className={styles.card}>
          <div className={styles.switch}>
            <div>
              <p className={styles.strong}>Calls are kept for</p>
              <p className={styles.small}>
                Older calls are deleted from the Activity page for good, as soon as you choose. At most
                100,000 are kept.
              </p>
            </div>
            <Choice
              label="Calls are kept for"
              value={String(preferences.data.activityDays)}
              options={Object.entries(DAYS).map(([value, label]) => ({ value, label }))}
              onChange={(value) => set.mutate({ activityDays: Number(value) as Preferences['activityDays'] })}
            />
          </div>
        </Card>
      )}
    </Section>
  )
}
