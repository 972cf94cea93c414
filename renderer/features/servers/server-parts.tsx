import { say } from '../../../locales/say.ts'
import { quoteWord } from '../../../src/contract/agreed/command-line.ts'
import { visibleText } from '../../../src/contract/agreed/visible-text.ts'
import type { Server } from '../../../src/contract/servers.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button, ButtonLink } from '../../ui/button.tsx'
import { Plain } from '../../ui/plain.tsx'
import { Problem } from '../../ui/problem.tsx'
import { serverWords } from '../../words/access.ts'
import { offerWords } from '../../words/server.ts'
import styles from '../tools/tools-page.module.css'
import { wantsKey } from './form/new-key.tsx'
import { SignIn, wantsSignIn } from './sign-in.tsx'
import { useServerCommands } from './use-server-commands.ts'

export function ServerState({ server }: { server: Server }) {
  const words = serverWords(server.state)
  return (
    <Badge tone={words.tone} dot>
      {words.label}
    </Badge>
  )
}

/** What it offers, and what runs or where it is. */
export function ServerLine({ server }: { server: Server }) {
  const offers = offerWords(server)
  const line =
    server.url !== null
      ? server.url
      : [server.command ?? '', ...server.args].map((word) => quoteWord(word)).join(' ')
  const full = visibleText(server.cwd === null ? line : say('servers.lineIn', { line, folder: server.cwd }))
  return (
    <>
      {(offers !== null || server.state === 'running') && (
        <p className={styles.offers}>{offers ?? say('servers.parts.itOffersNothingAt')}</p>
      )}
      <span className={styles.line} title={full}>
        <code>
          <Plain text={line} />
        </code>
      </span>
    </>
  )
}

/** The one thing that gets it going again, if anything is amiss, and the way to the rest. */
export function ServerButtons({ server }: { server: Server }) {
  const { start, restart } = useServerCommands()
  const down = server.state === 'stopped'
  const again = server.state === 'failed' || server.state === 'waiting'
  return (
    <div className={styles.buttons}>
      {down && (
        <Button
          size="small"
          busy={start.isPending}
          aria-label={say('servers.parts.startName', { name: server.name })}
          onClick={() => start.mutate({ id: server.id })}
        >
          {say('servers.parts.start')}
        </Button>
      )}
      {again && wantsKey(server) && (
        <ButtonLink
          intent="primary"
          size="small"
          to="/tools/$id"
          params={{ id: server.id }}
          aria-label={say('servers.parts.enterAnotherKeyFor', { name: server.name })}
        >
          {say('servers.parts.enterAnotherKey')}
        </ButtonLink>
      )}
      {again && !wantsKey(server) && (
        <Button
          size="small"
          busy={restart.isPending}
          aria-label={say('servers.parts.tryAgainName', { name: server.name })}
          onClick={() => restart.mutate({ id: server.id })}
        >
          {say('common.tryAgain')}
        </Button>
      )}
      <ButtonLink
        intent="quiet"
        size="small"
        to="/tools/$id"
        params={{ id: server.id }}
        aria-label={say('servers.parts.detailsOf', { name: server.name })}
      >
        {say('common.details')}
      </ButtonLink>
    </div>
  )
}

/** What is wrong with it, and what the user can do about it here. */
export function ServerAttention({ server }: { server: Server }) {
  const problem = server.state === 'signed-out' ? null : server.error
  if (!problem && !wantsSignIn(server)) return null
  return (
    <div className={styles.inside}>
      {problem && <Problem problem={problem} announce={false} />}
      {problem && server.log.length > 0 && (
        <details className={styles.wrote}>
          <summary>{say('servers.wroteLast', { count: server.log.length })}</summary>
          <ServerLog log={server.log} />
        </details>
      )}
      <SignIn server={server} />
    </div>
  )
}

/** The last lines it wrote. */
export function ServerLog({ log }: { log: readonly string[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a long log must be scrollable with the keyboard
    <pre className={styles.log} tabIndex={0}>
      <Plain text={log.join('\n')} />
    </pre>
  )
}
