import { say } from '../../../locales/say.ts'
import { visibleText } from '../../../src/contract/agreed/visible-text.ts'
import type { Server } from '../../../src/contract/servers.ts'
import { useCall } from '../../pipe/host.tsx'
import { Choice } from '../../ui/choice.tsx'
import { Card, Section } from '../../ui/page.tsx'
import { rich } from '../../ui/rich.tsx'
import { Toggle } from '../../ui/toggle.tsx'
import { limitChoices } from '../../words/server.ts'
import styles from './server-page.module.css'
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
      <Card className={styles.card}>
        <div className={styles.setting}>
          <div>
            <p className={styles.strong}>{say('servers.serving.serveItsToolsUnder')}</p>
            <p className={styles.small}>
              {server.prefixed
                ? rich('servers.ownNames.off', {
                    full: <code>{`${server.slug}__${example}`}</code>,
                    name: <code>{example}</code>,
                  })
                : rich('servers.ownNames.on', { name: <code>{example}</code> })}
            </p>
          </div>
          <Toggle
            label={say('servers.serving.serveItsToolsUnder')}
            checked={!server.prefixed}
            onChange={(own) => update.mutate({ id: server.id, prefixed: !own })}
          />
        </div>
        <div className={styles.setting}>
          <div>
            <p className={styles.strong}>{say('servers.serving.letItKnowWho')}</p>
            <p className={styles.small}>{say('servers.serving.someAssistantsSayWith')}</p>
          </div>
          <Toggle
            label={say('servers.serving.letItKnowWho')}
            checked={server.passesClientContext}
            onChange={(passesClientContext) => update.mutate({ id: server.id, passesClientContext })}
          />
        </div>
        <div className={styles.setting}>
          <div>
            <p className={styles.strong}>{say('common.timeLimit')}</p>
            <p className={styles.small}>{say('servers.serving.timeLimit')}</p>
          </div>
          <Choice
            label={say('common.timeLimit')}
            value={String(server.timeout)}
            options={limitChoices(server.timeout)}
            onChange={(timeout) => update.mutate({ id: server.id, timeout: Number(timeout) })}
          />
        </div>
        <div className={styles.setting}>
          <div>
            <p className={styles.strong}>{say('common.startLimit')}</p>
            <p className={styles.small}>
              {server.kind === 'stdio'
                ? say('servers.serving.startLimitProgram')
                : say('servers.serving.startLimitAddress')}
            </p>
          </div>
          <Choice
            label={say('common.startLimit')}
            value={String(server.startTimeout)}
            options={limitChoices(server.startTimeout)}
            onChange={(startTimeout) => update.mutate({ id: server.id, startTimeout: Number(startTimeout) })}
          />
        </div>
      </Card>
    </Section>
  )
}
