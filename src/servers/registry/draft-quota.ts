import type { Server } from '../../contract/servers.ts'
import { HostError } from '../../kernel/errors.ts'

/** Servers added by programs that wait to be looked at. Each is read by a person; nobody reads more than that. */
export const maxDrafts = 20

/** Throws HostError `too-many-drafts` when as many wait as may; `more` are just being added. */
export function checkDraftQuota(servers: readonly Pick<Server, 'state'>[], more: number): void {
  if (servers.filter(({ state }) => state === 'draft').length + more < maxDrafts) return
  throw new HostError({
    code: 'too-many-drafts',
    params: { maxDrafts },
  })
}
