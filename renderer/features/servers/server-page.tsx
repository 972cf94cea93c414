import { useState } from 'react'
import { say } from '../../../locales/say.ts'
import type { Server } from '../../../src/contract/servers.ts'
import { useCall } from '../../pipe/host.tsx'
import { Button, ButtonLink } from '../../ui/button.tsx'
import { ExactRun } from '../../ui/exact-run.tsx'
import { BackLink, Card, Empty, Page, Section, Waiting } from '../../ui/page.tsx'
import { Buttons, Small } from '../../ui/text.tsx'
import { offerWords } from '../../words/server.ts'
import { DraftList } from './draft-list.tsx'
import { EditServerDialog } from './form/edit-server-dialog.tsx'
import { LeftOut } from './left-out.tsx'
import { RemoveServer } from './remove-server.tsx'
import { ServerFacts } from './server-facts.tsx'
import styles from './server-page.module.css'
import { ServerLog } from './server-parts.tsx'
import { ServerServing } from './server-serving.tsx'
import { ServerStateCard } from './server-state-card.tsx'

/** Everything about one server: how it is doing, what can be done, how it is used, what it is. */
export function ServerPage({ id }: { id: string }) {
  const servers = useCall('servers.list', undefined)
  const server = servers.data?.find((one) => one.id === id)
  return (
    <Page
      title={server?.name ?? say('servers.server')}
      lead={server && (offerWords(server) ?? say('servers.itOffersNothingAt'))}
      above={<BackLink to="/tools">{say('servers.tools')}</BackLink>}
    >
      <Waiting on={servers} />
      {servers.data && !server && (
        <Card>
          <Empty
            icon="info"
            title={say('servers.emptyTitle')}
            text={say('servers.emptyText')}
            action={<ButtonLink to="/tools">{say('servers.seeAllServersAnd')}</ButtonLink>}
          />
        </Card>
      )}
      {server?.state === 'draft' && <DraftList />}
      {server && server.state !== 'draft' && <Parts server={server} />}
    </Page>
  )
}

function Parts({ server }: { server: Server }) {
  const [editing, setEditing] = useState(false)
  const log = (
    <Section title={say('servers.log.title')}>
      {server.log.length === 0 ? (
        <Small narrow>{say('servers.log.empty')}</Small>
      ) : (
        <ServerLog log={server.log} />
      )}
    </Section>
  )
  // Where something is wrong, what it wrote is what one looks for first.
  const down = server.log.length > 0 && (server.state === 'failed' || server.state === 'waiting')
  return (
    <>
      <ServerStateCard server={server} />
      {down && log}
      <LeftOut leftOut={server.leftOut} />
      <ServerServing server={server} />
      <Section title={server.kind === 'stdio' ? say('servers.whatRuns') : say('servers.whereItIs')}>
        <Card lines="apart">
          <ExactRun
            title={
              server.kind === 'stdio'
                ? say('servers.exactlyThisIsStarted')
                : say('servers.drawbridgeConnectsToExactly')
            }
            facts={server}
          />
          <Buttons>
            <Button onClick={() => setEditing(true)}>
              {server.kind === 'stdio' ? say('servers.changeWhatRuns') : say('servers.change')}
            </Button>
          </Buttons>
          <ServerFacts server={server} />
        </Card>
      </Section>
      {/* Nothing is heard of what a server elsewhere writes for itself. */}
      {!down && (server.kind === 'stdio' || server.log.length > 0) && log}
      <div className={styles.end}>
        <RemoveServer server={server} />
      </div>
      {editing && <EditServerDialog server={server} onClose={() => setEditing(false)} />}
    </>
  )
}
