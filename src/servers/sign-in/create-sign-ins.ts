import type { FetchLike } from '@modelcontextprotocol/client'
import type { Clock } from '../../kernel/clock.ts'
import { Emitter } from '../../kernel/emitter.ts'
import type { Log } from '../../kernel/log/log.ts'
import { createGuardedFetch } from '../../net/guarded-fetch.ts'
import type { Network } from '../../net/network.ts'
import type { Vault } from '../../storage/vault/vault.ts'
import { Account } from './account.ts'
import { Credentials } from './credentials.ts'
import { nullFree } from './null-free-fetch.ts'
import type { SignInRow, SignIns } from './sign-ins.ts'

/** How long the page of a sign-in may stay open. Milliseconds. */
const usualPatience = 10 * 60_000
/** Metadata and tokens are small. */
const guard = { maxBytes: 1_000_000, timeLimit: 15_000 }

/** Signing in to servers. Keeps everything in the vault; starts and contacts nothing by itself. */
export function createSignIns(deps: {
  vault: Vault
  clock: Clock
  log: Log
  /**
   * A public https address of a document that describes us to authorization servers (client id metadata documents). Without one
   * Drawbridge registers itself.
   */
  clientMetadataUrl?: string
  /** Instead of the guarded one, for tests. */
  fetch?: FetchLike
  patience?: number
  /** Left out: as if nothing was set. */
  network?: Network
}): SignIns {
  const { vault, clock, log, fetch } = deps
  const accounts = new Map<string, { account: Account; credentials: Credentials; own: SignInRow }>()
  const events: SignIns['events'] = new Emitter((error) => log.error('sign-in.listener-failed', { error }))

  const entry = (row: SignInRow) => {
    let found = accounts.get(row.id)
    if (!found) {
      if (row.url === null) throw new Error(`${row.name} has no address`)
      const credentials = new Credentials(vault, log, row.id, () => {
        if (accounts.get(row.id)?.credentials === credentials) events.emit('other', { serverId: row.id })
      })
      const own = { ...row, url: row.url }
      const account = new Account({
        row: own,
        credentials,
        clock,
        log,
        patience: deps.patience ?? usualPatience,
        clientMetadataUrl: deps.clientMetadataUrl,
        openFetch: (url) => {
          const opened = fetch
            ? { fetch, close: async () => {} }
            : createGuardedFetch({ ...guard, server: url, network: deps.network })
          return { ...opened, fetch: nullFree(opened.fetch) }
        },
        onChanged: (signedIn) => {
          // One that was removed meanwhile has nothing to say.
          if (accounts.get(row.id)?.account === account)
            events.emit('changed', { serverId: row.id, signedIn })
        },
      })
      found = { account, credentials, own }
      accounts.set(row.id, found)
    }
    // All that can change of it while it is the same account.
    found.own.name = row.name
    return found
  }

  return {
    events,
    for: (row) => entry(row).account,
    keepSecret: async (row, secret) => {
      await entry(row).credentials.keepSecret(secret)
    },
    secret: (row) => entry(row).credentials.secret(),
    async forget(row) {
      if (row.url === null) return
      const { account, credentials } = entry(row)
      account.cancel()
      // Whoever asks meanwhile gets this one, and none that was read from what is just going away.
      await credentials.forget()
      accounts.delete(row.id)
    },
    async stop() {
      const all = [...accounts.values()]
      accounts.clear()
      for (const { account } of all) account.cancel()
    },
  }
}
