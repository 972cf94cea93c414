import { Link } from '@tanstack/react-router'
import type { ClientKind, ConnectFlow } from '../../../src/contract/models.ts'
import { ButtonLink } from '../../parts/button.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Card, Page, Waiting } from '../../parts/page.tsx'
import { useCall } from '../../pipe/host.tsx'
import { DoctorButton } from '../doctor/doctor-button.tsx'
import styles from './connect-page.module.css'
import { ConnectStep } from './connect-step.tsx'
import { ConnectWindowCard } from './connect-window-card.tsx'

const NAMES: Record<ClientKind, string> = {
  chatgpt: 'Connect to ChatGPT',
  claude: 'Connect to Claude',
  other: 'Connect another app',
}

/** What to do where, ticked as it is seen to happen. */
export function ConnectPage({ client }: { client: ClientKind }) {
  const flow = useCall('connect.flow', { client })
  const status = useCall('status.get', undefined).data
  const watching = status?.window.open === true
  return (
    <Page
      title={flow.data?.title || NAMES[client]}
      lead="Follow the steps in order. Each is ticked by itself when Drawbridge sees it happen."
      above={
        <Link to="/" className={styles.back}>
          <Icon name="back" size={16} /> Home
        </Link>
      }
    >
      <Waiting on={flow} />
      {flow.data?.done ? <Finished flow={flow.data} /> : <ConnectWindowCard client={client} />}
      {flow.data && (
        <Card className={styles.steps}>
          <ol>
            {flow.data.steps.map((step, index) => (
              <ConnectStep key={step.id} step={step} number={index + 1} watching={watching} />
            ))}
          </ol>
        </Card>
      )}
      {status && (
        <div className={styles.buttons}>
          <DoctorButton state={status.bridge.state} />
        </div>
      )}
      {flow.data?.edition && (
        <p className={styles.small}>
          These steps were last compared with the app’s own pages in {flow.data.edition}. Names there may have
          changed since.
        </p>
      )}
    </Page>
  )
}

function Finished({ flow }: { flow: ConnectFlow }) {
  return (
    <Card className={styles.finished}>
      <Icon name="check" size={28} />
      <div role="status">
        <p className={styles['window-title']}>
          Connected. {flow.client === 'chatgpt' && 'ChatGPT can use your tools.'}
        </p>
        <p>Choose what it may use under Tools, and how far it may go under Access.</p>
      </div>
      <div className={styles.buttons}>
        <ButtonLink to="/tools">Tools</ButtonLink>
        <ButtonLink to="/access">Access</ButtonLink>
      </div>
    </Card>
  )
}
