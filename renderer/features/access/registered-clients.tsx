import { useState } from 'react'
import type { RegisteredClient } from '../../../src/contract/access.ts'
import { keyOf, patchCall, problemOf, useCall, useCommand } from '../../pipe/host.tsx'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { CopyButton } from '../../ui/copy-field.tsx'
import { ConfirmDialog } from '../../ui/dialog.tsx'
import { Card, Section } from '../../ui/page.tsx'
import { LONGEST_TITLE, Plain } from '../../ui/plain.tsx'
import { day } from '../../words/time.ts'
import { whereTo } from '../../words/where-to.ts'
import styles from './access-page.module.css'
import { RegisterClientDialog } from './register-client-dialog.tsx'

/** The few apps that do not introduce themselves. */
export function RegisteredClients() {
  const clients = useCall('clients.list', undefined)
  const [registering, setRegistering] = useState(false)
  return (
    <Section
      title="Apps registered by hand"
      text="Only for apps that ask you for a client ID and a secret."
      action={
        <Button size="small" onClick={() => setRegistering(true)}>
          Register an app
        </Button>
      }
    >
      {clients.data && clients.data.length > 0 && (
        <Card className={styles.list}>
          <ul>
            {clients.data.map((client) => (
              <ClientRow key={client.clientId} client={client} />
            ))}
          </ul>
        </Card>
      )}
      <RegisterClientDialog open={registering} onClose={() => setRegistering(false)} />
    </Section>
  )
}

function ClientRow({ client }: { client: RegisteredClient }) {
  const [removing, setRemoving] = useState(false)
  const remove = useCommand('clients.remove', {
    inline: true,
    done: (_output, queries, { clientId }) => {
      patchCall(queries, 'clients.list', undefined, (old) => old.filter((one) => one.clientId !== clientId))
      void queries.invalidateQueries({ queryKey: keyOf('clients.list') })
      void queries.invalidateQueries({ queryKey: keyOf('grants.list') })
    },
  })
  return (
    <li className={styles.row}>
      <div className={styles.who}>
        <h3 className={styles.name}>
          <Plain text={client.name} longest={LONGEST_TITLE} />
          <Badge>{client.confidential ? 'With a secret' : 'Without a secret'}</Badge>
        </h3>
        <p className={styles.small}>
          <Plain text={facts(client)} />
        </p>
        <p className={styles.small}>
          Client ID{' '}
          <code>
            <Plain text={client.clientId} />
          </code>
        </p>
      </div>
      <div className={styles.actions}>
        <CopyButton value={client.clientId} label={`client ID of ${client.name}`} />
        <Button
          intent="quiet-danger"
          size="small"
          aria-label={`Remove ${client.name}`}
          onClick={() => setRemoving(true)}
        >
          Remove
        </Button>
      </div>
      <ConfirmDialog
        open={removing}
        onClose={() => setRemoving(false)}
        title={`Remove “${client.name}”?`}
        text="Its ID and secret stop working, and what it was allowed ends at once. To use it again, register it anew."
        action="Remove"
        keep="Keep it"
        danger
        busy={remove.isPending}
        problem={remove.error ? problemOf(remove.error) : null}
        onConfirm={() => remove.mutate({ clientId: client.clientId })}
      />
    </li>
  )
}

function facts(client: RegisteredClient): string {
  const hosts = client.redirectUris.map((uri) =>
    URL.canParse(uri) ? whereTo(new URL(uri).hostname || new URL(uri).protocol) : uri,
  )
  return [
    client.grantTypes.includes('client_credentials') && 'works by itself',
    hosts.length > 0 && `goes back to ${[...new Set(hosts)].join(', ')}`,
    client.workspace !== 'default' && `workspace ${client.workspace}`,
    client.scopes.length > 0 && client.scopes.join(' '),
    `registered ${day(client.createdAt)}`,
  ]
    .filter(Boolean)
    .join(' · ')
}
