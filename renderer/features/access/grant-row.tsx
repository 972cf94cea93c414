import { useState } from 'react'
import type { Grant } from '../../../src/contract/access.ts'
import type { Bridge } from '../../../src/contract/status.ts'
import { keyOf, patchCall, useCommand } from '../../pipe/host.tsx'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Choice } from '../../ui/choice.tsx'
import { LONGEST_TITLE, Plain } from '../../ui/plain.tsx'
import { Problem } from '../../ui/problem.tsx'
import { ACCESS_ORDER, ACCESS_WORDS } from '../../words/access.ts'
import { toolsWords } from '../../words/limits.ts'
import { originWords } from '../../words/origin.ts'
import { servedWords, staleAdvice } from '../../words/served.ts'
import { ago, day } from '../../words/time.ts'
import { whereTo } from '../../words/where-to.ts'
import styles from './access-page.module.css'
import { GrantDialog } from './grant-dialog.tsx'
import { mustAskAgain } from './grant-words.ts'
import { RevokeDialog } from './revoke-dialog.tsx'

const ACCESS_OPTIONS = ACCESS_ORDER.map((value) => ({ value, ...ACCESS_WORDS[value] }))

interface GrantRowProps {
  grant: Grant
  bridge: Bridge | undefined
  now: number
}

export function GrantRow({ grant, bridge, now }: GrantRowProps) {
  const [opened, setOpened] = useState(false)
  const [revoking, setRevoking] = useState(false)
  const update = useCommand('grants.update', {
    optimistic: (client, { id, access }) =>
      patchCall(client, 'grants.list', undefined, (old) =>
        old.map((other) => (other.id === id ? { ...other, access: access ?? other.access } : other)),
      ),
    done: (_grant, client) => void client.invalidateQueries({ queryKey: keyOf('grants.list') }),
  })
  const stale = staleAdvice(grant, now)
  return (
    <li className={styles.row}>
      <div className={styles.who}>
        <h2 className={styles.name}>
          <Plain text={grant.name} longest={LONGEST_TITLE} />
          <Badge>{grant.kind === 'key' ? 'Key' : 'App'}</Badge>
          {grant.expiresAt !== null && grant.expiresAt <= now && <Badge tone="warn">Ended</Badge>}
          {grant.heldBackUntil != null && grant.heldBackUntil > now && <Badge tone="warn">Held back</Badge>}
          {mustAskAgain(grant) && <Badge tone="warn">Must ask again</Badge>}
        </h2>
        <p className={styles.small}>
          <Plain text={mayUse(grant)} />
        </p>
        <p className={styles.small}>
          <Plain text={seen(grant, bridge, now)} />
        </p>
        {grant.heldBackUntil != null && grant.heldBackUntil > now && (
          <p className={styles.small}>
            You said no to several of its questions in a row, so what it asks now is refused unasked.
          </p>
        )}
        {grant.served && <p className={styles.small}>{servedWords(grant.served, now)}</p>}
      </div>
      <Choice
        label={`What ${grant.name} may do`}
        value={grant.access}
        options={ACCESS_OPTIONS}
        onChange={(access) => update.mutate({ id: grant.id, access })}
      />
      <div className={styles.actions}>
        <Button size="small" onClick={() => setOpened(true)} aria-label={`Details of ${grant.name}`}>
          Details
        </Button>
        <Button
          intent="quiet-danger"
          size="small"
          onClick={() => setRevoking(true)}
          aria-label={`Revoke ${grant.name}`}
        >
          Revoke
        </Button>
      </div>
      {stale !== null && (
        <div className={styles.stale}>
          <Problem
            tone="warn"
            announce={false}
            problem={{ message: 'It still has an old list of your tools.', hint: stale }}
          />
        </div>
      )}
      <GrantDialog
        grant={grant}
        bridge={bridge}
        open={opened}
        onClose={() => setOpened(false)}
        onRevoke={() => {
          setOpened(false)
          setRevoking(true)
        }}
      />
      <RevokeDialog grant={grant} open={revoking} onClose={() => setRevoking(false)} />
    </li>
  )
}

const sentence = (parts: (string | false | null)[]) => parts.filter(Boolean).join(' · ')

function mayUse(grant: Grant): string {
  return sentence([
    toolsWords(grant.tools),
    grant.workspace !== 'default' && `workspace ${grant.workspace}`,
    grant.expiresAt === null ? 'no end date' : `until ${day(grant.expiresAt)}`,
    grant.redirectHost && whereTo(grant.redirectHost),
  ])
}

const callsWords = (calls: number) =>
  calls === 0 ? 'no calls today' : calls === 1 ? '1 call today' : `${calls} calls today`

function seen(grant: Grant, bridge: Bridge | undefined, now: number): string {
  const where = grant.lastOrigin !== null && bridge ? ` ${originWords(grant.lastOrigin, bridge)}` : ''
  return sentence([
    grant.lastSeenAt === null ? 'Not used yet' : `Seen ${ago(grant.lastSeenAt, now)}${where}`,
    callsWords(grant.callsToday),
  ])
}
