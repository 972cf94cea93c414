import { say } from '../../../locales/say.ts'
import { keyOf, patchCall, useCall, useCommand } from '../../pipe/host.tsx'
import { Card, Section, Waiting } from '../../ui/page.tsx'
import { toLocalOrigin } from './domain-list.ts'
import { ListEditor } from './list-editor.tsx'
import styles from './settings-page.module.css'

/** Pages that this computer serves itself, such as a developer's tool, and that may be clients. */
export function LocalPages() {
  const preferences = useCall('preferences.get', undefined)
  const set = useCommand('preferences.set', {
    optimistic: (client, wanted) =>
      patchCall(client, 'preferences.get', undefined, (old) => ({
        ...old,
        localPages: wanted.localPages ?? old.localPages,
      })),
    state: () => keyOf('preferences.get'),
  })
  const pages = preferences.data?.localPages ?? []
  return (
    <Section title={say('settings.localPages.title')}>
      <Waiting on={preferences} />
      {preferences.data && (
        <Card className={styles.card}>
          <p className={styles.small}>{say('settings.localPages.aToolThatRuns')}</p>
          <ListEditor
            entries={pages}
            onChange={(localPages) => set.mutate({ localPages })}
            read={toLocalOrigin}
            words={{
              list: say('settings.localPages.pagesThatMayConnect'),
              field: say('settings.localPages.addressOfThePage'),
              placeholder: 'http://localhost:6274',
              wrong: say('settings.localPages.typeAnAddressOn'),
              button: say('settings.localPages.addPage'),
            }}
          />
        </Card>
      )}
    </Section>
  )
}
