import { useState } from 'react'
import { say } from '../../../locales/say.ts'
import type { Grant } from '../../../src/contract/access.ts'
import type { Bridge } from '../../../src/contract/status.ts'
import { patchCall, useCommand } from '../../pipe/host.tsx'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Choice } from '../../ui/choice.tsx'
import { LONGEST_TITLE, Plain } from '../../ui/plain.tsx'
import { Note } from '../../ui/problem.tsx'
import { Buttons, Small } from '../../ui/text.tsx'
import { accessChoices } from '../../words/access.ts'
import { abilityWords, toolsWords } from '../../words/limits.ts'
import { originWords } from '../../words/origin.ts'
import { servedWords, staleAdvice } from '../../words/served.ts'
import { ago, clockTime, day } from '../../words/time.ts'
import { whereTo } from '../../words/where-to.ts'
import styles from './access-page.module.css'
import { useSourceName } from './choose/use-choices.ts'
import { GrantDialog } from './grant-dialog.tsx'
import { mustAskAgain } from './grant-words.ts'
import { isPaused, PauseButton } from './pause-button.tsx'
import { RevokeDialog } from './revoke-dialog.tsx'

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
    refreshes: ['grants.list'],
  })
  const sourceName = useSourceName()
  const stale = staleAdvice(grant, now)
  return (
    <li className={styles.row}>
      <div className={styles.who}>
        <h2 className={styles.name}>
          <Plain text={grant.name} longest={LONGEST_TITLE} />
          <Badge>{grant.kind === 'key' ? say('common.key') : say('access.grant.app')}</Badge>
          {grant.expiresAt !== null && grant.expiresAt <= now && (
            <Badge tone="warn">{say('access.grant.ended')}</Badge>
          )}
          {grant.heldBackUntil != null && grant.heldBackUntil > now && (
            <Badge tone="warn">{say('access.grant.heldBack')}</Badge>
          )}
          {isPaused(grant, now) && <Badge tone="warn">{say('access.grant.paused')}</Badge>}
          {mustAskAgain(grant) && <Badge tone="warn">{say('access.grant.mustAskAgain')}</Badge>}
        </h2>
        <Small>
          <Plain text={mayUse(grant, sourceName)} />
        </Small>
        <Small>
          <Plain text={seen(grant, bridge, now)} />
        </Small>
        {grant.heldBackUntil != null && grant.heldBackUntil > now && (
          <Small>{say('access.grant.heldBackText', { time: clockTime(grant.heldBackUntil, now) })}</Small>
        )}
        {isPaused(grant, now) && (
          <Small>{say('access.grant.pausedText', { time: clockTime(grant.pausedUntil!, now) })}</Small>
        )}
        {grant.served && <Small>{servedWords(grant.served, now)}</Small>}
      </div>
      <Choice
        label={say('access.grant.whatMayDo', { name: grant.name })}
        value={grant.access}
        options={accessChoices()}
        onChange={(access) => update.mutate({ id: grant.id, access })}
      />
      <Buttons>
        <PauseButton grant={grant} now={now} />
        <Button
          size="small"
          onClick={() => setOpened(true)}
          aria-label={say('access.grant.detailsOf', { name: grant.name })}
        >
          {say('common.details')}
        </Button>
        <Button
          intent="quiet-danger"
          size="small"
          onClick={() => setRevoking(true)}
          aria-label={say('access.grant.revokeName', { name: grant.name })}
        >
          {say('access.grant.revokeButton')}
        </Button>
      </Buttons>
      {stale !== null && (
        <div className={styles.stale}>
          <Note message={say('access.grant.oldList')} hint={stale} />
        </div>
      )}
      {opened && (
        <GrantDialog
          grant={grant}
          bridge={bridge}
          onClose={() => setOpened(false)}
          onRevoke={() => {
            setOpened(false)
            setRevoking(true)
          }}
        />
      )}
      {revoking && <RevokeDialog grant={grant} onClose={() => setRevoking(false)} />}
    </li>
  )
}

const sentence = (parts: (string | false | null)[]) => parts.filter(Boolean).join(' · ')

function mayUse(grant: Grant, sourceName: (id: string) => string): string {
  return sentence([
    toolsWords(grant.tools),
    grant.workspace !== 'default' && say('access.grant.workspace', { workspace: grant.workspace }),
    grant.scopes != null && abilityWords(grant.scopes, sourceName),
    grant.expiresAt === null ? say('limits.noEnd') : say('limits.until', { day: day(grant.expiresAt) }),
    grant.redirectHost && whereTo(grant.redirectHost),
  ])
}

function seen(grant: Grant, bridge: Bridge | undefined, now: number): string {
  const where = grant.lastOrigin !== null && bridge ? originWords(grant.lastOrigin, bridge) : null
  return sentence([
    lastSeen(grant.lastSeenAt, where, now),
    say('access.grant.calls', { count: grant.callsToday }),
  ])
}

function lastSeen(at: number | null, where: string | null, now: number): string {
  if (at === null) return say('access.grant.notUsed')
  const when = ago(at, now)
  return where === null ? say('access.grant.seen', { when }) : say('access.grant.seenAt', { when, where })
}
