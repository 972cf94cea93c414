import type { ConnectionRequest } from '../../../src/contract/access.ts'
import type { Approval } from '../../../src/contract/approvals.ts'
import { useCall } from '../../pipe/host.tsx'

export type WaitingItem =
  | { kind: 'connection'; id: string; askedAt: number; request: ConnectionRequest }
  | { kind: 'call'; id: string; askedAt: number; approval: Approval }

/** Everything that waits for an answer, the oldest first. */
export function useWaiting(): WaitingItem[] {
  const connections = useCall('connections.list', undefined)
  const approvals = useCall('approvals.list', undefined)
  return sortWaiting(connections.data ?? [], approvals.data ?? [])
}

function sortWaiting(
  connections: readonly ConnectionRequest[],
  approvals: readonly Approval[],
): WaitingItem[] {
  return [
    ...connections.map((request) => ({
      kind: 'connection' as const,
      id: request.id,
      askedAt: request.askedAt,
      request,
    })),
    ...approvals
      .filter((approval) => approval.state === 'waiting')
      .map((approval) => ({ kind: 'call' as const, id: approval.id, askedAt: approval.askedAt, approval })),
  ].sort((a, b) => a.askedAt - b.askedAt)
}
