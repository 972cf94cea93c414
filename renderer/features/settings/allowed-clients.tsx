import { say } from '../../../locales/say.ts'
import { useCall } from '../../pipe/host.tsx'
import { Setting } from '../../ui/page.tsx'
import { Small } from '../../ui/text.tsx'
import { Toggle } from '../../ui/toggle.tsx'
import { startingDomains, toDomain, toLocalOrigin } from './domain-list.ts'
import { ListEditor } from './list-editor.tsx'
import { PreferenceSection } from './preference-section.tsx'

/** Which web addresses an app may ask to go back to. */
export function RedirectDomains() {
  const grants = useCall('grants.list', undefined)
  const hosts = (grants.data ?? []).map((grant) => grant.redirectHost)
  return (
    <PreferenceSection title={say('settings.redirectDomains.title')}>
      {({ redirectDomains: domains }, change) => (
        <>
          <Setting
            title={say('settings.redirectDomains.onlyAppsFromWebsites')}
            text={say(
              domains === null
                ? 'settings.redirectDomains.offAnyAppMay'
                : 'settings.redirectDomains.anAppFromAny',
            )}
          >
            <Toggle
              label={say('settings.redirectDomains.onlyAppsFromWebsites')}
              checked={domains !== null}
              onChange={(on) => change({ redirectDomains: on ? startingDomains(hosts) : null })}
            />
          </Setting>
          {domains !== null && (
            <ListEditor
              entries={domains}
              onChange={(redirectDomains, kept) => change({ redirectDomains }, kept)}
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
        </>
      )}
    </PreferenceSection>
  )
}

/** Pages that this computer serves itself, such as a developer's tool, and that may be clients. */
export function LocalPages() {
  return (
    <PreferenceSection title={say('settings.localPages.title')}>
      {({ localPages }, change) => (
        <>
          <Small narrow>{say('settings.localPages.aToolThatRuns')}</Small>
          <ListEditor
            entries={localPages ?? []}
            onChange={(localPages, kept) => change({ localPages }, kept)}
            read={toLocalOrigin}
            words={{
              list: say('settings.localPages.pagesThatMayConnect'),
              field: say('settings.localPages.addressOfThePage'),
              placeholder: 'http://localhost:6274',
              wrong: say('settings.localPages.typeAnAddressOn'),
              button: say('settings.localPages.addPage'),
            }}
          />
        </>
      )}
    </PreferenceSection>
  )
}
