import type { Server } from '../../../src/contract/servers.ts'
import { visibleText } from '../../../src/contract/visible-text.ts'
import { useCall } from '../../pipe/host.tsx'
import { Choice } from '../../ui/choice.tsx'
import { Card, Section } from '../../ui/page.tsx'
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
    <Section title="How it is used">
      <Card className={styles.card}>
        <div className={styles.setting}>
          <div>
            <p className={styles.strong}>Serve its tools under their own names</p>
            <p className={styles.small}>
              {server.prefixed ? (
                <>
                  Off: assistants see <code>{`${server.slug}__${example}`}</code>, so that tools of different
                  servers are never mixed up. Switch it on if an assistant or a guide expects exactly{' '}
                  <code>{example}</code>.
                </>
              ) : (
                <>
                  On: assistants see <code>{example}</code>, as this server calls it. A tool whose name is
                  taken by another one gets a slightly different name.
                </>
              )}{' '}
              Assistants notice the change when they fetch their list again.
            </p>
          </div>
          <Toggle
            label="Serve its tools under their own names"
            checked={!server.prefixed}
            onChange={(own) => update.mutate({ id: server.id, prefixed: !own })}
          />
        </div>
        <div className={styles.setting}>
          <div>
            <p className={styles.strong}>Let it know who is asking</p>
            <p className={styles.small}>
              Some assistants say with each request where you are, which account it is and which conversation.
              Off: this server does not get to know it. Calls that you are asked about never carry it.
            </p>
          </div>
          <Toggle
            label="Let it know who is asking"
            checked={server.passesClientContext}
            onChange={(passesClientContext) => update.mutate({ id: server.id, passesClientContext })}
          />
        </div>
        <div className={styles.setting}>
          <div>
            <p className={styles.strong}>Time limit</p>
            <p className={styles.small}>
              How long one request may take without a sign of progress, before the assistant is told that it
              did not work. With progress it may take this long in all, or 55 seconds if that is more.
            </p>
          </div>
          <Choice
            label="Time limit"
            value={String(server.timeout)}
            options={limitChoices(server.timeout)}
            onChange={(timeout) => update.mutate({ id: server.id, timeout: Number(timeout) })}
          />
        </div>
        <div className={styles.setting}>
          <div>
            <p className={styles.strong}>Start limit</p>
            <p className={styles.small}>
              {server.kind === 'stdio'
                ? 'How long it may be silent while it starts. What has to be downloaded first does not count.'
                : 'How long it may take to answer for the first time when Drawbridge connects to it.'}
            </p>
          </div>
          <Choice
            label="Start limit"
            value={String(server.startTimeout)}
            options={limitChoices(server.startTimeout)}
            onChange={(startTimeout) => update.mutate({ id: server.id, startTimeout: Number(startTimeout) })}
          />
        </div>
      </Card>
    </Section>
  )
}
