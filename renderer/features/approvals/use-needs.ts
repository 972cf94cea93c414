import { type Need, needsOf } from '../../../src/contract/agreed/needs.ts'
import { useCall } from '../../pipe/host.tsx'

/** Everything that needs the user; empty while the state is not known. */
export function useNeeds(): Need[] {
  const status = useCall('status.get', undefined).data
  const connections = useCall('connections.list', undefined).data
  const approvals = useCall('approvals.list', undefined).data
  const servers = useCall('servers.list', undefined).data
  const grants = useCall('grants.list', undefined).data
  if (!status) return []
  const { bridge, notices } = status
  return needsOf({ bridge, notices, connections, approvals, servers, grants })
}
