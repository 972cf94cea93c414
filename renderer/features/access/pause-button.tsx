import type { QueryClient } from '@tanstack/react-query'
import { say } from '../../../locales/say.ts'
import type { Grant } from '../../../src/contract/access.ts'
import { patchCall, useCommand } from '../../pipe/host.tsx'
import { Button } from '../../ui/button.tsx'

const HOUR = 60 * 60_000

/** Paused at this moment, by this page's clock. */
export const isPaused = ({ pausedUntil }: Grant, now: number): boolean =>
  pausedUntil != null && pausedUntil > now

/** Nobody has to be let in anew afterwards, so nothing is asked before. */
export function PauseButton({ grant, now }: { grant: Grant; now: number }) {
  const shown = (pausedUntil: number | null) => ({
    optimistic: (client: QueryClient) =>
      patchCall(client, 'grants.list', undefined, (old) =>
        old.map((other) => (other.id === grant.id ? { ...other, pausedUntil } : other)),
      ),
    refreshes: ['grants.list'] as const,
  })
  const pause = useCommand('grants.pause', shown(now + HOUR))
  const resume = useCommand('grants.resume', shown(null))
  const { id, name } = grant
  return isPaused(grant, now) ? (
    <Button
      size="small"
      onClick={() => resume.mutate({ id })}
      aria-label={say('access.pause.resumeName', { name })}
    >
      {say('access.pause.resume')}
    </Button>
  ) : (
    <Button size="small" onClick={() => pause.mutate({ id })} aria-label={say('access.pause.name', { name })}>
      {say('access.pause.hour')}
    </Button>
  )
}
