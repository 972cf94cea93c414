import { say } from '../../../locales/say.ts'
import type { Server } from '../../../src/contract/servers.ts'
import { Button } from '../../ui/button.tsx'
import { useNow } from '../../ui/hooks/use-now.ts'
import { Card } from '../../ui/page.tsx'
import { Plain } from '../../ui/plain.tsx'
import { Problem } from '../../ui/problem.tsx'
import { Buttons } from '../../ui/text.tsx'
import { healthWords, stateText } from '../../words/server.ts'
import { ago } from '../../words/time.ts'
import { NewKey, wantsKey } from './form/new-key.tsx'
import styles from './server-page.module.css'
import { ServerState } from './server-parts.tsx'
import { SignedIn, SignIn } from './sign-in.tsx'
import { useServerCommands } from './use-server-commands.ts'

/** How it is doing and why, and what can be done about it. */
export function ServerStateCard({ server }: { server: Server }) {
  const now = useNow(10_000)
  const problem = server.state === 'signed-out' ? null : server.error
  const health = healthWords(server.health, now, server.error?.message)
  return (
    <Card lines="apart" label={say('servers.state.howItIsDoing')}>
      <div className={styles.state}>
        <ServerState server={server} />
        <p>{stateText(server.state)}</p>
      </div>
      {problem && <Problem problem={problem} announce={false} />}
      {wantsKey(server) && <NewKey key={server.id} server={server} />}
      <SignIn server={server} />
      <SignedIn server={server} />
      {(health.length > 0 || server.health.checkedAt !== null) && (
        <ul className={styles.health} aria-label={say('servers.state.health')}>
          {health.map((sentence) => (
            <li key={sentence}>
              <Plain text={sentence} />
            </li>
          ))}
          {server.health.checkedAt !== null && (
            <li>
              {say(server.health.ok ? 'health.alive' : 'health.silent', {
                when: ago(server.health.checkedAt, now),
              })}
            </li>
          )}
        </ul>
      )}
      <Actions server={server} />
    </Card>
  )
}

function Actions({ server }: { server: Server }) {
  const { start, stop, restart, check } = useServerCommands()
  const { id, state } = server
  const busy = start.isPending || stop.isPending || restart.isPending
  if (state === 'stopped')
    return (
      <Buttons>
        <Button intent="primary" busy={start.isPending} disabled={busy} onClick={() => start.mutate({ id })}>
          {say('servers.state.start')}
        </Button>
      </Buttons>
    )
  const down = state === 'failed' || state === 'waiting'
  return (
    <Buttons>
      {state === 'running' && (
        <Button busy={check.isPending} onClick={() => check.mutate({ id })}>
          {say('servers.state.checkNow')}
        </Button>
      )}
      {state !== 'starting' && state !== 'downloading' && (
        <Button
          intent={down && !wantsKey(server) ? 'primary' : 'neutral'}
          busy={restart.isPending}
          disabled={busy}
          onClick={() => restart.mutate({ id })}
        >
          {down ? say('servers.state.tryAgainNow') : say('servers.state.restart')}
        </Button>
      )}
      <Button busy={stop.isPending} disabled={busy} onClick={() => stop.mutate({ id })}>
        {say('servers.state.stop')}
      </Button>
    </Buttons>
  )
}
