import { say } from '../../../locales/say.ts'
import { visibleText } from '../../../src/contract/agreed/visible-text.ts'
import type { Status } from '../../../src/contract/status.ts'
import { useCall } from '../../pipe/host.tsx'
import { Notices } from '../../shell/notices.tsx'
import page from '../../ui/page.module.css'
import { Waiting } from '../../ui/page.tsx'
import { headline } from '../../words/headline.ts'
import { AwayNote } from '../address/away-note.tsx'
import { useNeeds } from '../approvals/use-needs.ts'
import { DraftList } from '../servers/draft-list.tsx'
import { BridgeCard } from './bridge-card.tsx'
import { ConnectCard } from './connect-card.tsx'
import { ConnectedCard } from './connected-card.tsx'
import { FoldersCard } from './folders-card.tsx'
import styles from './home-page.module.css'
import { LastCalls } from './last-calls.tsx'
import { MovedCard } from './moved-card.tsx'
import { NeedsYou } from './needs-you.tsx'
import { StaleCard } from './stale-card.tsx'

/** One state dominates: whether anybody can reach this computer, and the button that changes it. */
export function HomePage() {
  const status = useCall('status.get', undefined)
  const grants = useCall('grants.list', undefined)
  const folders = useCall('folders.list', undefined)
  const needs = useNeeds()
  if (!status.data)
    return (
      <div className={page.page}>
        <h1 className={page.title}>Drawbridge</h1>
        <Waiting on={status} />
      </div>
    )
  const nobodyYet = grants.data?.length === 0
  const hasNoFolder = folders.data?.length === 0
  return (
    <div className={page.page}>
      <NeedsYou needs={needs} />
      <DraftList />
      <BridgeCard
        bridge={status.data.bridge}
        words={headline(status.data.bridge, needs, grants.data)}
        hasAccess={(grants.data?.length ?? 0) > 0}
      />
      <AwayNote />
      <MovedCard grants={grants.data ?? []} bridge={status.data.bridge} />
      <StaleCard grants={grants.data ?? []} bridge={status.data.bridge} />
      <div className={styles.pair}>
        <ConnectCard first={nobodyYet} raised={status.data.bridge.state === 'raised'} />
        {!(nobodyYet && hasNoFolder) && <ConnectedCard grants={grants} state={status.data.bridge.state} />}
        {/* Always in this place: its dialog stays open when the first app comes. */}
        {hasNoFolder && <FoldersCard isWide={!nobodyYet} />}
      </div>
      <LastCalls />
      <Notices inPage notices={status.data.notices.filter(({ level }) => level === 'info')} />
      <Footer status={status.data} />
    </div>
  )
}

function Footer({ status }: { status: Status }) {
  return (
    <footer className={styles.footer}>
      <span title={visibleText(status.vault.hint)}>
        {status.vault.kind === 'keychain' ? say('home.secretsAreKeptIn') : say('home.noKeychainWasFound')}
      </span>
      <span>{say('home.version', { version: status.version })}</span>
    </footer>
  )
}
