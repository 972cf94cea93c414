import type { Bridge } from '../../contract/status.ts'
import { defaultWorkspace } from '../../gateway/workspaces/workspaces.ts'
import type { Clock } from '../../kernel/clock.ts'
import { tunnelAt } from '../../mcp/tunnelled.ts'
import type { LastWrites } from '../../storage/reserve.ts'
import type { Settings } from '../../storage/settings.ts'
import type { Presence } from '../../tunnel/away/presence.ts'
import { createRaised, describeBridge } from '../../tunnel/bridge.ts'
import type { Tunnel } from '../../tunnel/tunnel.ts'

/** Where we can be reached right now, and whether we may be. */
export class Reach {
  /** Of the public listener; 0 until it listens. */
  port = 0
  /** Null until the listener is there for it to lead to. */
  tunnel: Tunnel | null = null
  /** Likewise. */
  presence: Pick<Presence, 'away' | 'awake'> | null = null
  readonly raised: ReturnType<typeof createRaised>
  readonly #startedAt: number
  #last: { port: number; publicOrigin: string | null; origins: readonly string[] } | null = null

  constructor(settings: Settings, clock: Clock, last: LastWrites) {
    this.raised = createRaised(settings, () => clock.now(), last)
    this.#startedAt = clock.now()
  }

  isRaised(): boolean {
    return this.raised.since() !== null
  }

  /** The exact origins we answer to; each is an issuer of its own. */
  origins(): readonly string[] {
    // Asked for every request, and hardly ever another answer.
    const { port } = this
    const publicOrigin = this.#publicOrigin()
    if (this.#last?.port !== port || this.#last.publicOrigin !== publicOrigin) {
      const origins = [this.#local(), `http://localhost:${port}`]
      if (publicOrigin !== null) origins.push(publicOrigin)
      this.#last = { port, publicOrigin, origins }
    }
    return this.#last.origins
  }

  /** Where people sign in for an origin: no browser gets to a tunnel without an address, but it can come to this computer, on which it is. Another tunnel is somebody else's. */
  signsInAt(origin: string): string {
    return tunnelAt(origin) !== null && origin === this.#publicOrigin() ? this.#local() : origin
  }

  /** The one to give to somebody: the public one where it is known. */
  bestOrigin(): string {
    const { publicUrl } = this.addressOf(defaultWorkspace.name)
    return publicUrl === null ? this.#local() : new URL(publicUrl).origin
  }

  /** The resource of a workspace, for programs on this computer and for the outside. `publicUrl`: null where nobody could type it, too. */
  addressOf(workspace: string): { localUrl: string; publicUrl: string | null } {
    const path = workspace === defaultWorkspace.name ? '/mcp' : `/mcp/${workspace}`
    const publicOrigin = this.#publicOrigin()
    const isTyped = publicOrigin !== null && tunnelAt(publicOrigin) === null
    return { localUrl: this.#local() + path, publicUrl: isTyped ? publicOrigin + path : null }
  }

  /** The MCP endpoint for programs on this computer. */
  mcpUrl(): string {
    return this.addressOf(defaultWorkspace.name).localUrl
  }

  bridge(): Bridge {
    return describeBridge({
      raisedSince: this.raised.since(),
      tunnel: this.tunnel?.state() ?? null,
      localUrl: this.mcpUrl(),
      startedAt: this.#startedAt,
    })
  }

  #publicOrigin(): string | null {
    return this.tunnel?.state().origin ?? null
  }

  #local(): string {
    return `http://127.0.0.1:${this.port}`
  }
}
