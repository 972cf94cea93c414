import type { Grant } from '../../../src/contract/access.ts'
import { signsInWithBrowser } from '../../../src/contract/agreed/revoke-means.ts'

/** Nothing it holds lets it in any more: it comes back only through the user. */
export const mustAskAgain = (grant: Grant): boolean =>
  signsInWithBrowser(grant) && grant.sessions.length === 0
