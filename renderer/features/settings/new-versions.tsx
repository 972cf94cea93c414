import { say } from '../../../locales/say.ts'
import { keyOf, patchCall, useCall, useCommand } from '../../pipe/host.tsx'
import { Choice } from '../../ui/choice.tsx'
import { Card, Section, Waiting } from '../../ui/page.tsx'
import styles from './settings-page.module.css'

const CHOICES = ['tell', 'ask'] as const

/** Whether a server that reports another version goes on working. */
export function NewVersions() {
  const preferences = useCall('preferences.get', undefined)
  const set = useCommand('preferences.set', {
    optimistic: (client, { newVersions }) =>
      patchCall(client, 'preferences.get', undefined, (old) => ({ ...old, newVersions })),
    state: () => keyOf('preferences.get'),
  })
  return (
    <Section title={say('settings.servers')}>
      <Waiting on={preferences} />
      {preferences.data && (
        <Card className={styles.card}>
          <div className={styles.switch}>
            <div>
              <p className={styles.strong}>{say('settings.newVersions')}</p>
              <p className={styles.small}>{say('settings.newVersionsHint')}</p>
            </div>
            <Choice
              label={say('settings.newVersions')}
              value={preferences.data.newVersions ?? 'tell'}
              options={CHOICES.map((value) => ({ value, label: say(`settings.newVersions.${value}`) }))}
              onChange={(value) => set.mutate({ newVersions: value === 'ask' ? 'ask' : 'tell' })}
            />
          </div>
        </Card>
      )}
    </Section>
  )
}
