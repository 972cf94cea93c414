import { say } from '../../../locales/say.ts'
import { visibleText } from '../../../src/contract/agreed/visible-text.ts'
import type { Server } from '../../../src/contract/servers.ts'
import { useCall } from '../../pipe/host.tsx'
import { Choice } from '../../ui/choice.tsx'
import { Card, Section, Setting } from '../../ui/page.tsx'
import { rich } from '../../ui/rich.tsx'
import { Toggle } from '../../ui/toggle.tsx'
import { limitChoices } from '../../words/server.ts'
import { useServerCommands } from './use-server-commands.ts'

/** How its tools are called, and how long it may take. */
export function ServerServing({ server }: { server: Server }) {
  const { update } = useServerCommands()
  const tools = useCall('tools.list', undefined)
  const example = visibleText(
    tools.data?.find((tool) => tool.sourceKind === 'server' && tool.sourceId === server.slug)?.original ??
      'search',
  )
  return (
    <Section title={say('servers.serving.title')}>
      <Card lines="apart">
        <Setting
          title={say('servers.serving.serveItsToolsUnder')}
          text={
            server.prefixed
              ? rich('servers.ownNames.off', {
                  full: <code>{`${server.slug}__${example}`}</code>,
                  name: <code>{example}</code>,
                })
              : rich('servers.ownNames.on', { name: <code>{example}</code> })
          }
        >
          <Toggle
            label={say('servers.serving.serveItsToolsUnder')}
            checked={!server.prefixed}
            onChange={(own) => update.mutate({ id: server.id, prefixed: !own })}
          />
        </Setting>
        <Setting
          title={say('servers.serving.letItKnowWho')}
          text={say('servers.serving.someAssistantsSayWith')}
        >
          <Toggle
            label={say('servers.serving.letItKnowWho')}
            checked={server.passesClientContext}
            onChange={(passesClientContext) => update.mutate({ id: server.id, passesClientContext })}
          />
        </Setting>
        <Setting title={say('common.timeLimit')} text={say('servers.serving.timeLimit')}>
          <Choice
            label={say('common.timeLimit')}
            value={String(server.timeout)}
            options={limitChoices(server.timeout)}
            onChange={(timeout) => update.mutate({ id: server.id, timeout: Number(timeout) })}
          />
        </Setting>
        <Setting
          title={say('common.startLimit')}
          text={
            server.kind === 'stdio'
              ? say('servers.serving.startLimitProgram')
              : say('servers.serving.startLimitAddress')
          }
        >
          <Choice
            label={say('common.startLimit')}
            value={String(server.startTimeout)}
            options={limitChoices(server.startTimeout)}
            onChange={(startTimeout) => update.mutate({ id: server.id, startTimeout: Number(startTimeout) })}
          />
        </Setting>
      </Card>
    </Section>
  )
}
