import { useState } from 'react'
import { say } from '../../../../locales/say.ts'
import type { RegisteredClient } from '../../../../src/contract/access.ts'
import { patchCall, useCall, useCommand } from '../../../pipe/host.tsx'
import { Badge } from '../../../ui/badge.tsx'
import { Button } from '../../../ui/button.tsx'
import { CopyButton } from '../../../ui/copy-field.tsx'
import { RemoveButton } from '../../../ui/dialog.tsx'
import { Card, Section } from '../../../ui/page.tsx'
import { LONGEST_TITLE, Plain } from '../../../ui/plain.tsx'
import { Buttons, Small } from '../../../ui/text.tsx'
import { day } from '../../../words/time.ts'
import { whereTo } from '../../../words/where-to.ts'
import styles from '../access-page.module.css'
import { RegisterClientDialog } from './register-client-dialog.tsx'

/** The few apps that do not introduce themselves. */
export function RegisteredClients() {
  const clients = useCall('clients.list', undefined)
  const [registering, setRegistering] = useState(false)
  return (
    <Section
      title={say('access.registered.title')}
      text={say('access.registered.text')}
      action={
        <Button size="small" onClick={() => setRegistering(true)}>
          {say('access.registered.registerAnApp')}
        </Button>
      }
    >
      {clients.data && clients.data.length > 0 && (
        <Card className={styles.list}>
          <ul data-divided>
            {clients.data.map((client) => (
              <ClientRow key={client.clientId} client={client} />
            ))}
          </ul>
        </Card>
      )}
      {registering && <RegisterClientDialog onClose={() => setRegistering(false)} />}
    </Section>
  )
}

function ClientRow({ client }: { client: RegisteredClient }) {
  const remove = useCommand('clients.remove', {
    inline: true,
    refreshes: ['clients.list', 'grants.list'],
    done: (_output, queries, { clientId }) => {
      patchCall(queries, 'clients.list', undefined, (old) => old.filter((one) => one.clientId !== clientId))
    },
  })
  return (
    <li className={styles.row}>
      <div className={styles.who}>
        <h3 className={styles.name}>
          <Plain text={client.name} longest={LONGEST_TITLE} />
          <Badge>
            {client.confidential
              ? say('access.registered.withASecret')
              : say('access.registered.withoutASecret')}
          </Badge>
        </h3>
        <Small>
          <Plain text={facts(client)} />
        </Small>
        <Small>
          {say('common.clientId')}{' '}
          <code>
            <Plain text={client.clientId} />
          </code>
        </Small>
      </div>
      <Buttons>
        <CopyButton
          value={client.clientId}
          label={say('access.registered.clientIdOf', { name: client.name })}
        />
        <RemoveButton
          aria-label={say('common.removeOne', { name: client.name })}
          command={remove}
          input={{ clientId: client.clientId }}
          title={say('access.registered.removeTitle', { name: client.name })}
          text={say('access.registered.removeText')}
        />
      </Buttons>
    </li>
  )
}

function facts(client: RegisteredClient): string {
  const hosts = client.redirectUris.map((uri) =>
    URL.canParse(uri) ? whereTo(new URL(uri).hostname || new URL(uri).protocol) : uri,
  )
  return [
    client.grantTypes.includes('client_credentials') && say('access.registered.worksByItself'),
    hosts.length > 0 && say('access.grant.goesBackTo', { host: [...new Set(hosts)].join(', ') }),
    client.workspace !== 'default' && say('access.grant.workspace', { workspace: client.workspace }),
    client.scopes.length > 0 && client.scopes.join(' '),
    say('access.registered.registered', { day: day(client.createdAt) }),
  ]
    .filter(Boolean)
    .join(' · ')
}
