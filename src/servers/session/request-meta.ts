import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  type Implementation,
  LOG_LEVEL_META_KEY,
  PROTOCOL_VERSION_META_KEY,
} from '@modelcontextprotocol/client'
import { appsExtension, drawsApps } from '../../mcp/extensions.ts'
import type { Exchange, Raw } from '../../mcp/tool-source.ts'

/** What every request to a server of 2026-07-28 says about its client (MCP 2026-07-28, `RequestMetaObject`). */
export class RequestMeta {
  /** Whether the server says that it logs. If not, no request says how much it should. */
  logs = true
  readonly #info: Implementation
  #protocol: string | null = null
  #last: Raw | null = null

  constructor(info: Implementation) {
    this.#info = info
  }

  set protocol(version: string) {
    this.#protocol = version
    this.#last = null
  }

  /** Not to be changed by whoever gets it. */
  of(exchange?: Exchange, progressToken?: number | string): Raw {
    const level = this.logs ? exchange?.logLevel : undefined
    const plain = this.#plain(exchange?.capabilities ?? ourOwn, level)
    if (exchange?.meta === undefined && progressToken === undefined) return plain
    const meta: Raw = { ...exchange?.meta, ...plain }
    if (progressToken !== undefined) meta.progressToken = progressToken
    return meta
  }

  /** The same one again for the same client: to build it is a good part of what a call costs here. */
  #plain(capabilities: object, logLevel: string | undefined): Raw {
    const last = this.#last
    if (
      last !== null &&
      last[CLIENT_CAPABILITIES_META_KEY] === capabilities &&
      last[LOG_LEVEL_META_KEY] === logLevel
    )
      return last
    const meta: Raw = {
      [PROTOCOL_VERSION_META_KEY]: this.#protocol,
      [CLIENT_INFO_META_KEY]: this.#info,
      [CLIENT_CAPABILITIES_META_KEY]: capabilities,
    }
    if (logLevel !== undefined) meta[LOG_LEVEL_META_KEY] = logLevel
    this.#last = meta
    return meta
  }
}

/** Of what we ask for ourselves, lists above all: what only some clients draw is taken out for the others. */
const ourOwn = { extensions: { [appsExtension]: drawsApps } }
