import { say } from '../../../locales/say.ts'
import type { Preferences } from '../../../src/contract/preferences.ts'
import { keyOf, patchCall, useCall, useCommand } from '../../pipe/host.tsx'
import { Choice } from '../../ui/choice.tsx'
import { Card, Section, Waiting } from '../../ui/page.tsx'
import styles from './settings-page.module.css'

const CHOICES: readonly Preferences['activityDays'][] = [7, 30, 90, 365]
const wordsOf = (days: Preferences['activityDays']) =>
  days === 365 ? say('settings.activityYear') : say('settings.activityDays', { days, usual: days === 90 })

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
    <Section title={say('settings.activity')}>
      <Waiting on={preferences} />
      {preferences.data && (
        <Card className={styles.card}>
          <div className={styles.switch}>
            <div>
              <p className={styles.strong}>{say('settings.keptCalls')}</p>
              <p className={styles.small}>{say('settings.keptCallsHint')}</p>
            </div>
            <Choice
              label={say('settings.keptCalls')}
              value={String(preferences.data.activityDays)}
              options={CHOICES.map((days) => ({ value: String(days), label: wordsOf(days) }))}
              onChange={(value) => set.mutate({ activityDays: Number(value) as Preferences['activityDays'] })}
            />
          </div>
        </Card>
      )}
    </Section>
  )
}
