import type { HandlersOf } from '../contract/definition.ts'
import type { Server, serversApi } from '../contract/servers.ts'
import { checkDraftQuota } from './registry/draft-quota.ts'
import type { Servers } from './registry/interface.ts'

type Offered = Pick<Server, 'tools' | 'resources' | 'prompts'> & {
  leftOut: readonly Server['leftOut'][number][]
}

interface ServerParts {
  servers: Servers
  /** What is offered of a server, and what of it is left out or has another address. */
  offers: {
    offeredOf(slug: string): Offered | undefined
    setAside(slug: string): readonly Server['setAside'][number][]
  }
  /** There are other servers, or others' names: what is offered of them is made anew. */
  readSources(): void
  /** The same for one that may offer what was never looked at. */
  readNewSources(): Promise<void>
  /** One is gone, and with it its place in workspaces. */
  removed(): void
}

export function serverHandlers(parts: ServerParts): HandlersOf<typeof serversApi> {
  const { servers, offers, readSources, readNewSources } = parts
  const withOffers = (server: Server): Server => {
    const { leftOut = [], ...numbers } = offers.offeredOf(server.slug) ?? {}
    return {
      ...server,
      ...numbers,
      leftOut: [...server.leftOut, ...leftOut],
      setAside: [...offers.setAside(server.slug)],
    }
  }
  const readNew = async (server: Server): Promise<Server> => {
    await readNewSources()
    return withOffers(server)
  }
  /** Drafts that are being written. */
  let drafting = 0

  return {
    'servers.list': () => servers.list().map(withOffers),
    'servers.use': () => servers.use(),
    'servers.add': async (input) => readNew(await servers.add(input)),
    'servers.draft': async (input) => {
      checkDraftQuota(servers.list(), drafting)
      drafting += 1
      try {
        return withOffers(await servers.draft(input))
      } finally {
        drafting -= 1
      }
    },
    'servers.update': (change) => {
      const server = servers.update(change)
      readSources()
      return withOffers(server)
    },
    'servers.edit': async (input) => readNew(await servers.edit(input)),
    'servers.remove': async ({ id }) => {
      await servers.remove(id)
      readSources()
      parts.removed()
    },
    'servers.start': async ({ id, seen }) => readNew(await servers.start(id, seen)),
    'servers.stop': async ({ id }) => readNew(await servers.stopServer(id)),
    'servers.restart': async ({ id }) => readNew(await servers.restart(id)),
    'servers.check': async ({ id }) => readNew(await servers.check(id)),
    'servers.signIn': async ({ id }) => readNew(await servers.signIn(id)),
    'servers.signOut': async ({ id }) => readNew(await servers.signOut(id)),
  }
}
