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
    <Section title="Pages on this computer">
      <Waiting on={preferences} />
      {preferences.data && (
        <Card className={styles.card}>
          <p className={styles.small}>
            A tool that runs on this computer and opens in the browser, such as the MCP Inspector, can only
            connect when its address is on this list. It still has to be let in like any other app.
          </p>
          <ListEditor
            entries={pages}
            onChange={(localPages) => set.mutate({ localPages })}
            read={toLocalOrigin}
            words={{
              list: 'Pages that may connect',
              field: 'Address of the page',
              placeholder: 'http://localhost:6274',
              wrong: 'Type an address on this computer, such as http://localhost:6274.',
              button: 'Add page',
            }}
          />
        </Card>
      )}
    </Section>
  )
}
