import { keyOf, patchCall, useCall, useCommand } from '../../pipe/host.tsx'
import { Card, Section, Waiting } from '../../ui/page.tsx'
import { Toggle } from '../../ui/toggle.tsx'
import { startingDomains, toDomain } from './domain-list.ts'
import { ListEditor } from './list-editor.tsx'
import styles from './settings-page.module.css'

/** Which web addresses an app may ask to go back to. */
export function RedirectDomains() {
  const preferences = useCall('preferences.get', undefined)
  const grants = useCall('grants.list', undefined)
  const set = useCommand('preferences.set', {
    optimistic: (client, wanted) =>
      patchCall(client, 'preferences.get', undefined, (old) => ({
        ...old,
        redirectDomains: wanted.redirectDomains ?? null,
      })),
    state: () => keyOf('preferences.get'),
  })
  const domains = preferences.data?.redirectDomains ?? null
  const save = (redirectDomains: string[] | null) => set.mutate({ redirectDomains })
  return (
    <Section title="Which apps may ask">
      <Waiting on={preferences} />
      {preferences.data && (
        <Card className={styles.card}>
          <div className={styles.switch}>
            <div>
              <p className={styles.strong}>Only apps from websites on a list</p>
              <p className={styles.small}>
                {domains === null
                  ? 'Off: any app may ask while you are connecting one. You still see where it goes back to, and decide.'
                  : 'An app from any other website is turned away. Programs on this computer may always ask.'}
              </p>
            </div>
            <Toggle
              label="Only apps from websites on a list"
              checked={domains !== null}
              onChange={(on) =>
                save(on ? startingDomains((grants.data ?? []).map((grant) => grant.redirectHost)) : null)
              }
            />
          </div>
          {domains !== null && (
            <ListEditor
              entries={domains}
              onChange={save}
              read={toDomain}
              words={{
                list: 'Websites on the list',
                field: 'Another website',
                placeholder: 'example.com',
                wrong: 'Type a name such as example.com, or *.example.com for all under it.',
                button: 'Add',
                empty: 'The list is empty: no website’s app can be connected.',
              }}
            />
          )}
        </Card>
      )}
    </Section>
  )
}
