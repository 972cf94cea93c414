import { say } from '../../../locales/say.ts'
import type { Status } from '../../../src/contract/status.ts'
import { useCall } from '../../pipe/host.tsx'
import { CopyField } from '../../ui/copy-field.tsx'
import { Card, Page, Section, Waiting } from '../../ui/page.tsx'
import { Problem } from '../../ui/problem.tsx'
import { KeptCalls } from './kept-calls.tsx'
import { Limits } from './limits.tsx'
import { LocalPages } from './local-pages.tsx'
import { NewVersions } from './new-versions.tsx'
import { ProgramKey } from './program-key.tsx'
import { RedirectDomains } from './redirect-domains.tsx'
import { RotateKeys } from './rotate-keys.tsx'
import styles from './settings-page.module.css'

/** What is set once and then forgotten. */
export function SettingsPage() {
  const status = useCall('status.get', undefined)
  return (
    <Page title={say('settings.title')} lead={say('settings.lead')}>
      <Waiting on={status} />
      {status.data && <Secrets status={status.data} />}
      <RedirectDomains />
      <LocalPages />
      <Limits />
      <NewVersions />
      <KeptCalls />
      {status.data && <ProgramKey />}
      <RotateKeys />
      {status.data && (
        <Section title={say('settings.aboutDrawbridge')}>
          <Card className={styles.card}>
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
        <Problem
          tone="warn"
          announce={false}
          problem={{
            message: say('settings.noKeychainWasFound'),
            hint: status.vault.hint || say('settings.whoeverCanReadThe'),
          }}
        />
      ) : (
        <Card className={styles.card}>
          <p>{say('settings.inThisComputersKeychain')}</p>
          <p className={styles.small}>{say('settings.passwordsAndKeysYou')}</p>
        </Card>
      )}
    </Section>
  )
}
