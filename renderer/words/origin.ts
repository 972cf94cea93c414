import { say } from '../../locales/say.ts'
import type { Grant } from '../../src/contract/access.ts'
import { leftBehind, whereWas } from '../../src/contract/agreed/own-address.ts'
import { signsInWithBrowser } from '../../src/contract/agreed/revoke-means.ts'
import { clientOf } from '../../src/contract/agreed/stale-list.ts'
import type { Bridge } from '../../src/contract/status.ts'

export { clientOf, leftBehind, whereWas }

export function originWords(origin: string, bridge: Pick<Bridge, 'publicUrl'>): string {
  const where = whereWas(origin, bridge)
  if (where === 'public') return say('origin.public')
  if (where === 'computer') return say('origin.computer')
  return say('origin.at', { host: URL.canParse(origin) ? new URL(origin).host : origin })
}

/** What to do in the other app after our address changed. */
export function moveAdvice(grant: Pick<Grant, 'kind' | 'name' | 'redirectHost'>): string {
  return signsInWithBrowser(grant) ? say(`moveAdvice.${clientOf(grant)}`) : say('moveAdvice.withKey')
}
