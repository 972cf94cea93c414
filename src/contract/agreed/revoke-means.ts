import { say } from '../../../locales/say.ts'
import type { Grant } from '../access.ts'

/** Whether it is an app that signs in with a browser, and so can be asked again. */
export const signsInWithBrowser = ({ kind, redirectHost }: Pick<Grant, 'kind' | 'redirectHost'>): boolean =>
  kind === 'client' && Boolean(redirectHost)

/** What it means for an entry to be revoked. */
export function revokeMeans(grant: Pick<Grant, 'kind' | 'redirectHost'>): string {
  if (signsInWithBrowser(grant)) return say('access.revoke.textApp')
  return say(grant.kind === 'key' ? 'access.revoke.textKey' : 'access.revoke.textProgram')
}
