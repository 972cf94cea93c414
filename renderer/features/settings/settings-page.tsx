import { say } from '../../../locales/say.ts'
import type { Status } from '../../../src/contract/status.ts'
import { useCall } from '../../pipe/host.tsx'
import { CopyField } from '../../ui/copy-field.tsx'
import { Card, Page, Section, Waiting } from '../../ui/page.tsx'
import { Note } from '../../ui/problem.tsx'
import { Small } from '../../ui/text.tsx'
import { AddressSection } from '../address/address-section.tsx'
import { LocalPages, RedirectDomains } from './allowed-clients.tsx'
import { KeepAwake } from './awake.tsx'
import { BackupSection } from './backup/backup-section.tsx'
import { KeptCalls, Limits } from './limits.tsx'
import { NewVersions } from './new-versions.tsx'
import { ProgramKey } from './program-key.tsx'
import { RaiseKeys } from './raise-keys.tsx'
import { RotateKeys } from './rotate-keys.tsx'

/** What is set once and then forgotten. */
export function SettingsPage() {
  const status = useCall('status.get', undefined)
  return (
    <Page title={say('settings.title')} lead={say('settings.lead')}>
      <Waiting on={status} />
      {status.data && <AddressSection bridge={status.data.bridge} />}
      {status.data?.awake && <KeepAwake awake={status.data.awake} />}
      {status.data && <Secrets status={status.data} />}
      <RedirectDomains />
      <LocalPages />
      <Limits />
      <NewVersions />
      <KeptCalls />
      {status.data?.raiseShortcut && <RaiseKeys shortcut={status.data.raiseShortcut} />}
      {status.data && <ProgramKey />}
      <BackupSection />
      <RotateKeys />
      {status.data && (
        <Section title={say('settings.aboutDrawbridge')}>
          <Card lines="close">
            <p>{say('settings.version', { version: status.data.version })}</p>
            <CopyField label={say('settings.dataFolder')} value={status.data.dataDir} whole />
          </Card>
        </Section>
      )}
    </Page>
  )
}

function Secrets({ status }: { status: Status }) {
  const inFile = status.vault.kind === 'file'
  return (
    <Section title={say('settings.whereSecretsAreKept')}>
      {inFile ? (
        <Note
          message={say('settings.noKeychainWasFound')}
          hint={status.vault.hint || say('settings.whoeverCanReadThe')}
        />
      ) : (
        <Card lines="close">
          <p>{say('settings.inThisComputersKeychain')}</p>
          <Small narrow>{say('settings.passwordsAndKeysYou')}</Small>
        </Card>
      )}
    </Section>
  )
}
