import type { Log } from '../../kernel/log/log.ts'
import { draftNotSeen } from '../lifecycle/not-running.ts'
import type { SignIns } from '../sign-in/sign-ins.ts'
import type { Entry } from './entry.ts'
import { fingerprintOf } from './fingerprint.ts'
import type { Held, ServerSecrets } from './server-secrets.ts'
import type { ServerRow } from './server-store.ts'

/** What programs added: their values are shown, and become secrets like all others when their owner starts them. */
export function createDrafts(deps: {
  secrets: ServerSecrets
  signIns: SignIns
  log: Log
  /** From here on it is meant to run. */
  accepted(entry: Entry): void
  onChanged(): void
}) {
  const { secrets, signIns, log } = deps
  /** Reads its values. Null when the vault does not say them now. */
  const hold = async (entry: Entry): Promise<void> => {
    try {
      entry.held = await secrets.held(entry.row)
    } catch (error) {
      entry.held = null
      log.warn('servers.draft-not-shown', { server: entry.row.name, error })
    }
    deps.onChanged()
  }
  return {
    hold,
    /** The values of a server that is just being added. Returns those of a draft, for showing. */
    async keep(row: ServerRow, { env, headers, clientSecret }: Held): Promise<Held | null> {
      await secrets.keep(row, { env, headers })
      if (row.wanted === 'draft') {
        if (clientSecret !== null) await secrets.keepClientSecret(row, clientSecret)
        return { env, headers, clientSecret }
      }
      if (clientSecret !== null) await signIns.keepSecret(row, clientSecret)
      return null
    },
    /**
     * What its owner has seen is theirs from here on. Read anew, so that nothing is started that came into the vault since it was shown. Throws HostError
     * `draft-not-seen`.
     */
    async accept(entry: Entry, seen: string | undefined): Promise<void> {
      const { row } = entry
      await hold(entry)
      const { held } = entry
      if (held === null || seen !== fingerprintOf(row, held)) throw draftNotSeen(row.name)
      await secrets.keep({ ...row, wanted: 'running' }, held)
      if (held.clientSecret !== null) await signIns.keepSecret(row, held.clientSecret)
      const asDraft = { ...row }
      deps.accepted(entry)
      entry.held = null
      await secrets.delete(asDraft)
    },
  }
}
