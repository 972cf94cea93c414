import type { QueryClient } from '@tanstack/react-query'
import { api } from '../../src/contract/api.ts'
import type { Reply } from '../../src/contract/pipe.ts'
import { keyOf } from './host.tsx'
import { revisionsOf } from './revisions.ts'

/** Takes the state that came with the page for an answer like any other: whatever is newer replaces it. */
export function showFirst(client: QueryClient, text: string | undefined): void {
  if (!text) return
  let reply: Reply
  try {
    reply = JSON.parse(text) as Reply
  } catch {
    return
  }
  const status = reply.ok ? api['status.get'].output.safeParse(reply.value) : null
  if (reply.ok && status?.success)
    revisionsOf(client).put(keyOf('status.get'), status.data, reply.revision ?? 0)
}
