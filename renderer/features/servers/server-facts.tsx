import type { ReactNode } from 'react'
import type { Server } from '../../../src/contract/servers.ts'
import { Plain } from '../../ui/plain.tsx'
import { useNow } from '../../ui/use-now.ts'
import { spokenWords } from '../../words/server.ts'
import { dayAndTime } from '../../words/time.ts'
import styles from './server-page.module.css'

const LIST_WORDS: Record<Server['cutLists'][number], string> = {
  tools: 'tools',
  resources: 'documents',
  resourceTemplates: 'kinds of documents',
  prompts: 'prompts',
}

/** For whoever wants to know exactly. */
export function ServerFacts({ server }: { server: Server }) {
  const now = useNow(60_000)
  const spoken = spokenWords(server, now)
  const { signIn } = server
  return (
    <details className={styles.facts}>
      <summary>Details</summary>
      <dl>
        <Fact name="Short name">
          <code>{server.slug}</code>
        </Fact>
        {spoken !== null && (
          <Fact name="Spoken with it">
            <Plain text={spoken} />
          </Fact>
        )}
        {server.setAside.length > 0 && (
          <Fact name="Under other addresses">
            {server.setAside.slice(0, 20).map(({ own, published, owner }) => (
              <span key={published} className={styles.aside}>
                <Plain text={own} />
                {owner === '' ? ' is taken' : ' belongs to '}
                <Plain text={owner} />, so it is offered as{' '}
                <code>
                  <Plain text={published} />
                </code>
              </span>
            ))}
            {server.setAside.length > 20 && `and ${server.setAside.length - 20} more`}
          </Fact>
        )}
        {server.cutLists.length > 0 && (
          <Fact name="Cut off">
            It offers more than the 2 MB that are taken of one list, so the end of its{' '}
            {server.cutLists.map((list) => LIST_WORDS[list]).join(' and ')} is missing
          </Fact>
        )}
        {server.startedAt !== null && <Fact name="Started">{dayAndTime(server.startedAt, now)}</Fact>}
        {server.restarts > 0 && (
          <Fact name="Started again">
            {server.restarts === 1 ? 'once' : `${server.restarts} times`}, by itself
          </Fact>
        )}
        {signIn.issuer !== null && (
          <Fact name="Sign-in at">
            <Plain text={signIn.issuer} />
          </Fact>
        )}
        {signIn.scopes.length > 0 && (
          <Fact name="Scopes">
            <Plain text={signIn.scopes.join(' ')} />
          </Fact>
        )}
        {signIn.clientId !== null && (
          <Fact name="Client ID">
            <Plain text={signIn.clientId} />
          </Fact>
        )}
        <Fact name="Fingerprint">
          <code>{server.fingerprint}</code>
        </Fact>
      </dl>
    </details>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className={styles.fact}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
