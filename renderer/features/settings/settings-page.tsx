import type { Status } from '../../../src/contract/status.ts'
import { useCall } from '../../pipe/host.tsx'
import { CopyField } from '../../ui/copy-field.tsx'
import { Card, Page, Section, Waiting } from '../../ui/page.tsx'
import { Problem } from '../../ui/problem.tsx'
import { KeptCalls } from './kept-calls.tsx'
import { Limits } from './limits.tsx'
import { LocalPages } from './local-pages.tsx'
import { ProgramKey } from './program-key.tsx'
import { RedirectDomains } from './redirect-domains.tsx'
import { RotateKeys } from './rotate-keys.tsx'
import styles from './settings-page.module.css'

/** What is set once and then forgotten. */
export function SettingsPage() {
  const status = useCall('status.get', undefined)
  return (
    <Page title="Settings" lead="What holds for everything. In everyday use you need none of it.">
      <Waiting on={status} />
      {status.data && <Secrets status={status.data} />}
      <RedirectDomains />
      <LocalPages />
      <Limits />
      <KeptCalls />
      {status.data && <ProgramKey />}
      <RotateKeys />
      {status.data && (
        <Section title="About Drawbridge">
          <Card className={styles.card}>
            <p>Version {status.data.version}</p>
            <CopyField label="Data folder" value={status.data.dataDir} whole />
          </Card>
        </Section>
      )}
    </Page>
  )
}

function Secrets({ status }: { status: Status }) {
  const inFile = status.vault.kind === 'file'
  return (
    <Section title="Where secrets are kept">
      {inFile ? (
        <Problem
          tone="warn"
          announce={false}
          problem={{
            message: 'No keychain was found: secrets are kept in an encrypted file.',
            hint: status.vault.hint || 'Whoever can read the data folder and its key file could read them.',
          }}
        />
      ) : (
        <Card className={styles.card}>
          <p>In this computer’s keychain.</p>
          <p className={styles.small}>
            Passwords and keys you give to Drawbridge never lie in a file that could be read.
          </p>
        </Card>
      )}
    </Section>
  )
}
