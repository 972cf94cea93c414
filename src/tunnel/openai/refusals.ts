import * as z from 'zod'
import { say } from '../../../locales/say.ts'
import { TunnelFailure } from '../tunnel-failure.ts'

const pages = {
  keys: 'https://platform.openai.com/settings/organization/api-keys',
  roles: 'https://platform.openai.com/settings/organization/people/roles',
  tunnels: 'https://platform.openai.com/settings/organization/tunnels',
} as const

/** `APIErrorResponse`; its message is not shown: it names what is set at OpenAI, and could say anything. */
const Said = z.object({ error: z.object({ code: z.string().max(100).nullish() }) })

/** Milliseconds, where the service does not say when. */
const usualPause = 30_000

/** Not asked sooner after a refusal that only the user can change: he may have to wait for OpenAI too. Milliseconds. */
const usersPause = 60_000

/** Why OpenAI does not carry. `wait`: what it says itself, ms. */
export function refusalOf(
  { status, body, wait }: { status: number; body: unknown; wait: number | null },
  now: number,
): TunnelFailure {
  const said = Said.safeParse(body).data?.error.code ?? ''
  const detail = `${status} ${said}`.trim()
  const needsUser = { code: 'tunnel-needs-user', until: now + usersPause, detail } as const
  const at = (url: string) => ({ label: say('tunnel.openOpenAi'), url })
  if (status === 429)
    return new TunnelFailure({
      ...{ code: 'tunnel-quota', says: 'tunnel-openai-limit', detail },
      until: now + Math.max(wait ?? usualPause, 1_000),
    })
  if (said === 'tunnel_active_organization_required')
    return new TunnelFailure({ ...needsUser, says: 'tunnel-openai-organization', action: at(pages.keys) })
  if (status === 403 || said === 'tunnel_use_forbidden' || said === 'tunnel_missing_principals')
    return new TunnelFailure({ ...needsUser, says: 'tunnel-openai-rights', action: at(pages.roles) })
  if (status === 401)
    return new TunnelFailure({ ...needsUser, says: 'tunnel-openai-key', action: at(pages.keys) })
  if (status === 404 || said === 'invalid_tunnel_id_format')
    return new TunnelFailure({ ...needsUser, says: 'tunnel-openai-unknown', action: at(pages.tunnels) })
  // Not in the document, which has several clients share the work; should it ever be said, this is what it means.
  if (status === 409)
    return new TunnelFailure({ code: 'tunnel-in-use', says: 'tunnel-openai-in-use', detail })
  return new TunnelFailure({ code: 'tunnel-unreachable', says: 'tunnel-openai-away', detail })
}
