import { say } from '../../../locales/say.ts'
import type { ClientKind } from '../../../src/contract/access.ts'
import { useCall } from '../../pipe/host.tsx'
import { ButtonLink } from '../../ui/button.tsx'
import { useNow } from '../../ui/hooks/use-now.ts'
import { BackLink, Card, Page, Waiting } from '../../ui/page.tsx'
import { Buttons, Small } from '../../ui/text.tsx'
import { DoctorButton } from '../doctor/doctor-button.tsx'
import { ConnectInsideCard } from './connect-inside-card.tsx'
import styles from './connect-page.module.css'
import { stageOf } from './connect-stage.ts'
import { ConnectStep } from './connect-step.tsx'
import { ConnectWindowCard } from './connect-window-card.tsx'

/** What to do where, ticked as it is seen to happen. */
export function ConnectPage({ client }: { client: ClientKind }) {
  const flow = useCall('connect.flow', { client })
  const status = useCall('status.get', undefined).data
  const now = useNow(500, status?.window.open === true)
  const stage = flow.data && status && stageOf(flow.data, status.window, now)
  return (
    <Page
      title={flow.data?.title || say(`connect.title.${client}`)}
      lead={say('connect.lead')}
      above={<BackLink to="/">{say('common.home')}</BackLink>}
    >
      <Waiting on={flow} />
      {flow.data &&
        status &&
        stage &&
        (stage === 'idle' || stage === 'waiting' ? (
          <ConnectWindowCard client={client} window={status.window} now={now} />
        ) : (
          <ConnectInsideCard flow={flow.data} stage={stage} window={status.window} now={now} />
        ))}
      {flow.data && (
        <Card className={styles.steps}>
          <ol>
            {flow.data.steps.map((step, index) => (
              <ConnectStep
                key={step.id}
                step={step}
                number={index + 1}
                watching={stage !== undefined && stage !== 'idle'}
              />
            ))}
          </ol>
        </Card>
      )}
      {status && (
        <Buttons>
          <DoctorButton state={status.bridge.state} />
          <ButtonLink to="/settings" intent="quiet">
            {say('address.otherWay')}
          </ButtonLink>
        </Buttons>
      )}
      {flow.data?.edition && (
        <Small>{say('connect.theseStepsWereLast', { edition: flow.data.edition })}</Small>
      )}
    </Page>
  )
}
