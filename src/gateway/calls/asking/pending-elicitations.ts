import { randomBytes } from 'node:crypto'
import type { Conversation } from './conversation.ts'

const maxOfGrant = 20

/** Conversations whose client is away to get an answer. None waits for ever. */
export function createPendingElicitations(keepMs: number) {
  const parked = new Map<string, { conversation: Conversation; timer: NodeJS.Timeout }>()

  const leave = (id: string) => {
    const place = parked.get(id)
    clearTimeout(place?.timer)
    parked.delete(id)
    return place?.conversation
  }

  return {
    get size(): number {
      return parked.size
    },
    isFull: (grantId: string): boolean =>
      [...parked.values()].filter(({ conversation }) => conversation.grantId === grantId).length >=
      maxOfGrant,
    /** The id under which it is found again, once. */
    park(conversation: Conversation): string {
      const id = randomBytes(16).toString('base64url')
      const timer = setTimeout(() => leave(id)?.running.stop('unanswered'), keepMs)
      timer.unref()
      parked.set(id, { conversation, timer })
      conversation.running.detach()
      return id
    },
    take(id: string, grantId: string): Conversation | undefined {
      return parked.get(id)?.conversation.grantId === grantId ? leave(id) : undefined
    },
    endFor(grantId: string | null): void {
      for (const [id, { conversation }] of [...parked])
        if (grantId === null || conversation.grantId === grantId) leave(id)?.running.stop('gone')
    },
  }
}
