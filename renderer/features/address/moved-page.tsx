import { useState } from 'react'
import { say } from '../../../locales/say.ts'
import { visibleLine } from '../../../src/contract/agreed/visible-text.ts'
import type { MovedApp } from '../../../src/contract/setup.ts'
import { useCall } from '../../pipe/host.tsx'
import { Badge } from '../../ui/badge.tsx'
import { Button, ButtonLink } from '../../ui/button.tsx'
import { CopyField } from '../../ui/copy-field.tsx'
import { BackLink, Card, Empty, Page, Section, Waiting } from '../../ui/page.tsx'
import { LONGEST_TITLE } from '../../ui/plain.tsx'
import { Buttons, Small } from '../../ui/text.tsx'
import { RevokeDialog } from '../access/revoke-dialog.tsx'
import steps from '../connect/connect-page.module.css'
import { ConnectStep } from '../connect/connect-step.tsx'

/** The public address is another one: what to do in which app, one after the other, ticked as it is seen to happen. */
export function MovedPage() {
  const moved = useCall('tunnel.moved', undefined)
  const move = moved.data ?? null
  const next = move?.apps.find(({ state }) => state === 'to-do')
  return (
    <Page
      title={say(moved.data === null ? 'home.bridge.yourAddress' : 'home.moved.title')}
      lead={moved.data === null ? undefined : say(move?.done ? 'moved.allDone' : 'moved.lead')}
      above={<BackLink to="/">{say('common.home')}</BackLink>}
    >
      <Waiting on={moved} />
      {moved.data === null && (
        <Empty icon="check" title={say('moved.nothing')} text={say('moved.nothingText')} />
      )}
      {move && (
        <Card lines="close">
          {move.tunnelId === undefined ? (
            <CopyField label={say('home.moved.newAddress')} value={`${move.to}/mcp`} />
          ) : (
            <CopyField label={say('setup.connect.yourTunnel')} value={move.tunnelId} />
          )}
          <Small>{say('moved.old', { from: move.from })}</Small>
        </Card>
      )}
      {move?.apps.map((app) => (
        <AppCard key={app.grantId} app={app} isNext={app === next} />
      ))}
    </Page>
  )
}

function AppCard({ app, isNext }: { app: MovedApp; isNext: boolean }) {
  const [open, setOpen] = useState(false)
  const [ending, setEnding] = useState(false)
  const grant = useCall('grants.list', undefined).data?.find(({ id }) => id === app.grantId)
  const isToDo = app.state === 'to-do'
  return (
    <Section title={visibleLine(app.name, LONGEST_TITLE)}>
      <Card lines="close">
        <div>
          <Badge tone={isToDo ? 'warn' : 'ok'} dot>
            {say(`moved.state.${app.state}`)}
          </Badge>
        </div>
        {app.state === 'anew' && grant && (
          <>
            <Small>{say('moved.anewText')}</Small>
            <Buttons>
              <Button onClick={() => setEnding(true)}>{say('moved.endOld')}</Button>
            </Buttons>
          </>
        )}
        {isToDo && (isNext || open) && (
          <ol className={steps.steps}>
            {app.steps.map((step, index) => (
              <ConnectStep key={step.id} step={step} number={index + 1} watching={false} />
            ))}
          </ol>
        )}
        {isToDo && (
          <Buttons>
            {(isNext || open) && app.steps.some(({ id }) => id === 'allow') && (
              <ButtonLink to="/connect/$client" params={{ client: app.client }}>
                {say('moved.letBackIn')}
              </ButtonLink>
            )}
            {!isNext && (
              <Button intent="quiet" onClick={() => setOpen(!open)}>
                {say(open ? 'moved.later' : 'moved.showSteps')}
              </Button>
            )}
          </Buttons>
        )}
      </Card>
      {ending && grant && <RevokeDialog grant={grant} onClose={() => setEnding(false)} />}
    </Section>
  )
}
