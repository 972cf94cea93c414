import { plain } from '../../kernel/exact-json.ts'
import { isObject } from '../../kernel/is-object.ts'
import type { Raw } from '../../mcp/tool-source.ts'
import { withoutWrongParts } from '../framing/wrong-parts.ts'

/** For a server that says none: MCP 2025-11-25, Transports, Protocol Version Header, assumes the same. */
const versionUnsaid = '2025-03-26'

/** A version is a day; some write it with a `v`, a time, or as a number. */
function versionIn(given: unknown): unknown {
  if (given === undefined || given === '') return versionUnsaid
  const [one] = Array.isArray(given) ? given : [given]
  const found = /^\s*v?(\d{4})-?(\d\d)-?(\d\d)(?!\d)/i.exec(String(one))
  return found ? found.slice(1).join('-') : String(one)
}

/**
 * The answer to `initialize` or `server/discover` before the SDK looks at it, in place: who forgets to say who it is, or says
 * `"tools": true`, is a server all the same.
 */
export function mendInitialize(result: unknown): void {
  if (!isObject(result)) return
  const isInitialize = result.protocolVersion !== undefined || isObject(result.serverInfo)
  if (isInitialize && !Array.isArray(result.supportedVersions))
    result.protocolVersion = versionIn(plain(result.protocolVersion))
  const isOld = typeof result.protocolVersion === 'string'
  if (!isOld && !Array.isArray(result.supportedVersions)) return
  const { capabilities } = result
  // One that does not say what it has is asked for everything; one that says that it has none (in PHP, `[]`) is believed.
  if (Array.isArray(capabilities) && capabilities.every((name) => typeof name === 'string'))
    result.capabilities = Object.fromEntries(capabilities.map((name) => [name, {}]))
  else if (!isObject(capabilities)) result.capabilities = { tools: {}, resources: {}, prompts: {} }
  const said = result.capabilities as Raw
  for (const name of Object.keys(said)) {
    // Whatever it says of it, it names it.
    if (said[name] === false || said[name] === 'false' || said[name] === 0) delete said[name]
    else if (!isObject(said[name])) said[name] = {}
  }
  if (!isOld) {
    withoutWrongParts('DiscoverResult', result, ['supportedVersions', 'capabilities'])
    return
  }
  const info = isObject(result.serverInfo) ? result.serverInfo : {}
  result.serverInfo = {
    ...info,
    name: typeof info.name === 'string' ? info.name : 'unknown',
    version: typeof info.version === 'string' ? info.version : String(plain(info.version) ?? 'unknown'),
  }
  withoutWrongParts('InitializeResult', result, ['protocolVersion', 'capabilities', 'serverInfo'])
}
