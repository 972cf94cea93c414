import { useState } from 'react'
import type { Grant } from '../../../src/contract/models.ts'
import { Badge } from '../../parts/badge.tsx'
import { Button } from '../../parts/button.tsx'
import { Choice } from '../../parts/choice.tsx'
import { ConfirmDialog } from '../../parts/dialog.tsx'
import { keyOf, patchCall, problemOf, useCommand } from '../../pipe/host.tsx'
import { ACCESS_ORDER, ACCESS_WORDS } from '../../words/access.ts'
import { ago, day } from '../../words/time.ts'
import { whereTo } from '../../words/where-to.ts'
import styles from './access-page.module.css'

const ACCESS_OPTIONS = ACCESS_ORDER.map((value) => ({ value, ...ACCESS_WORDS[value] }))

export function GrantRow({ grant, now }: { grant: Grant; now: number }) {
  const [revoking, setRevoking] = useState(false)
  const update = useCommand('grants.update', {
    optimistic: (client, { id, access }) =>
      patchCall(client, 'grants.list', undefined, (old) =>
        old.map((other) => (other.id === id ? { ...other, access: access ?? other.access } : other)),
      ),
    done: (_grant, client) => void client.invalidateQueries({ queryKey: keyOf('grants.list') }),
  })
  const revoke = useCommand('grants.revoke', {
    inline: true,
    done: (_output, client, { id }) => {
      patchCall(client, 'grants.list', undefined, (old) => old.filter((other) => other.id !== id))
      void client.invalidateQueries({ queryKey: keyOf('grants.list') })
    },
  })
  return (
    <li className={styles.row}>
      <div className={styles.who}>
        <h2 className={styles.name}>
          {grant.name}
          <Badge>{grant.kind === 'key' ? 'Key' : 'App'}</Badge>
        </h2>
        <p className={styles.small}>{facts(grant, now)}</p>
      </div>
      <Choice
        label={`What ${grant.name} may do`}
        value={grant.access}
        options={ACCESS_OPTIONS}
        onChange={(access) => update.mutate({ id: grant.id, access })}
      />
      <Button
        intent="quiet-danger"
        size="small"
        onClick={() => setRevoking(true)}
        aria-label={`Revoke ${grant.name}`}
      >
        Revoke
      </Button>
      <ConfirmDialog
        open={revoking}
        onClose={() => setRevoking(false)}
        title={`Revoke “${grant.name}”?`}
        text={
          grant.kind === 'key'
            ? 'Programs that use this key are cut off at once. The key cannot be brought back; you can create a new one.'
            : 'It is cut off at once, also in the middle of something. To come back, it must ask you again.'
        }
        action="Revoke"
        keep="Keep it"
        danger
        busy={revoke.isPending}
        problem={revoke.error ? problemOf(revoke.error) : null}
        onConfirm={() => revoke.mutate({ id: grant.id })}
      />
    </li>
  )
}

function facts(grant: Grant, now: number): string {
  return [
    grant.redirectHost !== null && whereTo(grant.redirectHost),
    grant.lastSeenAt === null ? 'not used yet' : `last seen ${ago(grant.lastSeenAt, now)}`,
    grant.callsToday === 1 ? '1 call today' : `${grant.callsToday} calls today`,
    grant.tools && (grant.tools.length === 1 ? '1 chosen tool' : `${grant.tools.length} chosen tools`),
    grant.workspace !== 'default' && `workspace ${grant.workspace}`,
    grant.expiresAt !== null && (grant.expiresAt <= now ? 'ended' : `until ${day(grant.expiresAt)}`),
  ]
    .filter(Boolean)
    .join(' · ')
}
