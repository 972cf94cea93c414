import type { Grant } from '../access.ts'
import type { Bridge } from '../status.ts'

const LOOPBACK = ['127.0.0.1', '[::1]', 'localhost']

const originOf = (url: string | null): string | null =>
  url !== null && URL.canParse(url) ? new URL(url).origin : null

type Where = 'public' | 'computer' | 'earlier'

/** Which of our addresses an origin is: the public one, this computer's, or one we no longer have. */
export function whereWas(origin: string, bridge: Pick<Bridge, 'publicUrl'>): Where {
  if (origin === originOf(bridge.publicUrl)) return 'public'
  return URL.canParse(origin) && LOOPBACK.includes(new URL(origin).hostname) ? 'computer' : 'earlier'
}

/** Those that know us only under an address we no longer have. Empty while no public address is known. */
export function leftBehind(grants: readonly Grant[], bridge: Pick<Bridge, 'publicUrl'>): Grant[] {
  if (bridge.publicUrl === null) return []
  return grants.filter(
    (grant) => grant.lastOrigin !== null && whereWas(grant.lastOrigin, bridge) === 'earlier',
  )
}

/** The address of a name under a domain that is not known yet: ours, when that begins with it. */
export function nextUnder(label: string, bridge: Pick<Bridge, 'publicUrl'>): string | null {
  const origin = originOf(bridge.publicUrl)
  return origin?.startsWith(`https://${label}.`) ? origin : null
}

/** Those that know our public address and must be connected again when it is another one. `next`: that one; null: not known yet. */
export function knowingAddress(
  grants: readonly Grant[],
  bridge: Pick<Bridge, 'publicUrl'>,
  next: string | null,
): Grant[] {
  if (bridge.publicUrl === null || originOf(next) === originOf(bridge.publicUrl)) return []
  return grants.filter(({ lastOrigin }) => lastOrigin !== null && whereWas(lastOrigin, bridge) === 'public')
}
