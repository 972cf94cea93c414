import { ProtocolError } from '@modelcontextprotocol/client'
import type { Raw } from '../../mcp/tool-source.ts'
import type { RpcConnection } from '../session/rpc-connection.ts'
import { fetchList, isOwnFault, kindOf, type ListName, whyNoList } from './lists.ts'
import type { ServerFacts } from './server-facts.ts'

/**
 * Fetches lists of one server, each by itself: one that cannot be had is noted with why, and the others come all the same. Who has its
 * tools is of use, so that what hangs is not waited for: it comes later, or is noted then. Resolves with those that are others than before;
 * rejects when the connection fails, or when nothing of what was asked for can be had and nothing was said of why: who answers with an
 * error is there, and may give its lists the next time.
 */
export async function fetchLists(parts: {
  rpc: RpcConnection
  facts: ServerFacts
  names: readonly ListName[]
  usable(tool: Raw): boolean
  /** Takes secrets out of what the server said. */
  clean(text: string): string
  signal: AbortSignal
  /** Milliseconds: for one request, and for the rest once the tools (`afterTools`) or only others (`afterOthers`) are there. */
  timeout: number
  afterTools: number
  afterOthers: number
  /** Whether it is still the same connection. */
  isCurrent(): boolean
  /** Something else than before came, and is kept, after this resolved, or though it rejects. */
  onLate(): void
  /** Something could not be had, after this resolved. */
  onNoted(): void
}): Promise<ListName[]> {
  const { rpc, facts, names, timeout, signal } = parts
  const { lists: before } = facts
  const changed: ListName[] = []
  let isOver = false
  let came = 0
  const waits: NodeJS.Timeout[] = []
  const enough = Promise.withResolvers<void>()
  const take = (name: ListName, isNews: boolean) => {
    if (isNews) changed.push(name)
    if (isNews && isOver) parts.onLate()
  }
  /** Resolves with what went wrong with it, if anything. */
  const one = async (name: ListName): Promise<unknown> => {
    const isAsked = Boolean(facts.capabilities[kindOf(name)])
    try {
      const options = { signal, timeout, usable: parts.usable, before: before[name] }
      const list = await fetchList(rpc, facts.capabilities, name, options)
      if (!parts.isCurrent()) return undefined
      take(name, facts.keep(name, list))
      if (!isAsked) return undefined
      came += 1
      waits.push(setTimeout(enough.resolve, name === 'tools' ? parts.afterTools : parts.afterOthers))
      return undefined
    } catch (error) {
      if (!isOwnFault(error) || signal.aborted) throw error
      if (parts.isCurrent()) facts.missed(name, whyNoList(error, timeout, parts.clean))
      if (isOver) parts.onNoted()
      return error
    }
  }
  const all = Promise.all(names.map(one))
  all.catch(() => {})
  try {
    const problems = await Promise.race([all, enough.promise])
    const problem = problems?.find((one) => one !== undefined)
    const isThere = problems?.some((one) => one instanceof ProtocolError)
    if (came === 0 && problem !== undefined && !isThere) throw problem
    return changed
  } catch (error) {
    // It is kept: the next time it would be no news.
    if (changed.length > 0) parts.onLate()
    throw error
  } finally {
    isOver = true
    for (const wait of waits) clearTimeout(wait)
  }
}
