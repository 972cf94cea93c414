import { type ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server'
import type { Raw } from '../../../mcp/tool-source.ts'
import { isTrulyMissing, theirMissing } from '../asking/missing-capability.ts'
import type { ClientRequest } from '../client-request.ts'
import { noResource, type Target } from '../targets.ts'
import { checkedError } from './checked-result.ts'
import { type Ending, failed, refused } from './endings.ts'
import { cannotBeAsked } from './results.ts'

/** What the server itself refused, in words of the client's era. */
export function theirRefusal(
  error: ProtocolError,
  { source, label }: Target,
  { era, capabilities }: ClientRequest,
): Ending {
  if (era === 'legacy' && error.code === ProtocolErrorCode.MissingRequiredClientCapability)
    return failed(cannotBeAsked(source.name))
  if (isTrulyMissing(error)) return refused(error)
  if (error.code === ProtocolErrorCode.MissingRequiredClientCapability)
    return refused(theirMissing(error, capabilities as Raw))
  const { uri } = (error.data ?? {}) as { uri?: unknown }
  if (era === 'modern' && error.code === ProtocolErrorCode.ResourceNotFound)
    return refused(noResource(typeof uri === 'string' ? uri : label.replace(/^read /, ''), era))
  return refused(checkedError(error))
}
