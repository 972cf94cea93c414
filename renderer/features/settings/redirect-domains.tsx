import { say } from '../../../locales/say.ts'
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
    <Section title={say('settings.redirectDomains.title')}>
      <Waiting on={preferences} />
      {preferences.data && (
        <Card className={styles.card}>
          <div className={styles.switch}>
            <div>
              <p className={styles.strong}>{say('settings.redirectDomains.onlyAppsFromWebsites')}</p>
              <p className={styles.small}>
                {domains === null
                  ? say('settings.redirectDomains.offAnyAppMay')
                  : say('settings.redirectDomains.anAppFromAny')}
              </p>
            </div>
            <Toggle
              label={say('settings.redirectDomains.onlyAppsFromWebsites')}
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
                list: say('settings.redirectDomains.websitesOnTheList'),
                field: say('settings.redirectDomains.anotherWebsite'),
                placeholder: 'example.com',
                wrong: say('settings.redirectDomains.typeANameSuch'),
                button: say('settings.redirectDomains.add'),
                empty: say('settings.redirectDomains.theListIsEmpty'),
              }}
            />
          )}
        </Card>
      )}
    </Section>
  )
}
