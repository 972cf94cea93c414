import { say } from '../../../locales/say.ts'
import type { Server } from '../../../src/contract/servers.ts'
import { Fact } from '../../ui/exact-run.tsx'
import { useNow } from '../../ui/hooks/use-now.ts'
import { Plain } from '../../ui/plain.tsx'
import { rich } from '../../ui/rich.tsx'
import { spokenWords } from '../../words/server.ts'
import { dayAndTime } from '../../words/time.ts'
import styles from './server-page.module.css'

/** For whoever wants to know exactly. */
export function ServerFacts({ server }: { server: Server }) {
  const now = useNow(60_000)
  const spoken = spokenWords(server, now)
  const { signIn } = server
  return (
    <details className={styles.facts}>
      <summary>{say('common.details')}</summary>
      <dl>
        <Fact label={say('servers.facts.shortName')}>
          <code>{server.slug}</code>
        </Fact>
        {spoken !== null && (
          <Fact label={say('servers.facts.spokenWithIt')}>
            <Plain text={spoken} />
          </Fact>
        )}
        {server.setAside.length > 0 && (
          <Fact label={say('servers.facts.underOtherAddresses')}>
            {server.setAside.slice(0, 20).map(({ own, published, owner }) => (
              <span key={published} className={styles.aside}>
                {setAside(own, owner, published)}
              </span>
            ))}
            {server.setAside.length > 20 &&
              say('servers.facts.andMore', { more: server.setAside.length - 20 })}
          </Fact>
        )}
        {server.truncatedLists.length > 0 && (
          <Fact label={say('servers.facts.cutOff')}>
            {say('servers.facts.cutOffText', {
              lists: server.truncatedLists
                .map((list) => say(`servers.list.${list}`))
                .join(say('servers.facts.and')),
            })}
          </Fact>
        )}
        {server.startedAt !== null && (
          <Fact label={say('servers.facts.started')}>{dayAndTime(server.startedAt, now)}</Fact>
        )}
        {server.restarts > 0 && (
          <Fact label={say('servers.facts.startedAgain')}>
            {say('servers.facts.restarts', { count: server.restarts })}
          </Fact>
        )}
        {signIn.issuer !== null && (
          <Fact label={say('servers.facts.signInAt')}>
            <Plain text={signIn.issuer} />
          </Fact>
        )}
        {signIn.scopes.length > 0 && (
          <Fact label={say('common.scopes')}>
            <Plain text={signIn.scopes.join(' ')} />
          </Fact>
        )}
        {signIn.clientId !== null && (
          <Fact label={say('common.clientId')}>
            <Plain text={signIn.clientId} />
          </Fact>
        )}
        <Fact label={say('servers.facts.fingerprint')}>
          <code>{server.fingerprint}</code>
        </Fact>
      </dl>
    </details>
  )
}

function setAside(own: string, owner: string, published: string) {
  const named = {
    own: <Plain text={own} />,
    published: (
      <code>
        <Plain text={published} />
      </code>
    ),
  }
  return owner === ''
    ? rich('servers.facts.taken', named)
    : rich('servers.facts.belongs', { ...named, owner: <Plain text={owner} /> })
}
