import type { Grant } from '../../src/contract/access.ts'
import { leftBehind, whereWas } from '../../src/contract/own-address.ts'
import type { Bridge } from '../../src/contract/status.ts'

export { leftBehind, whereWas }

export function originWords(origin: string, bridge: Pick<Bridge, 'publicUrl'>): string {
  const where = whereWas(origin, bridge)
  if (where === 'public') return 'at your public address'
  if (where === 'computer') return 'on this computer'
  return `at ${URL.canParse(origin) ? new URL(origin).host : origin}`
}

/** Whether it is an app that signs in with a browser, and so can be asked again. */
export const signsInWithBrowser = (grant: Pick<Grant, 'kind' | 'redirectHost'>): boolean =>
  grant.kind === 'client' && Boolean(grant.redirectHost)

/** What to do in the other app after our address changed. */
export function moveAdvice(grant: Pick<Grant, 'kind' | 'name' | 'redirectHost'>): string {
  const client = clientOf(grant)
  if (!signsInWithBrowser(grant))
    return 'In this program’s settings, replace the old address with the new one. Its key or secret stays the same.'
  const again = 'Then press “Let it back in” here.'
  if (client === 'chatgpt')
    return `In ChatGPT, remove the connector and add it again with the new address. ${again}`
  if (client === 'claude')
    return `In Claude, remove the connector and add it again with the new address. ${again}`
  return `In this app, replace the old address with the new one and connect again. ${again}`
}

/** The page with the steps for the app behind a grant. */
export function clientOf(grant: Pick<Grant, 'redirectHost'>): 'chatgpt' | 'claude' | 'other' {
  const host = grant.redirectHost ?? ''
  if (host === 'chatgpt.com' || host.endsWith('.openai.com')) return 'chatgpt'
  return host === 'claude.ai' || host === 'claude.com' ? 'claude' : 'other'
}
