import type { ChangedServer, Difference } from '../../../contract/tools.ts'
import { canonicalHash } from '../../../kernel/canonical-json.ts'
import { errorText, HostError } from '../../../kernel/errors.ts'
import type { Log } from '../../../kernel/log/log.ts'
import { identityHash, type ServerIdentity } from '../../../mcp/pinned.ts'
import type { ToolSource } from '../../../mcp/tool-source.ts'
import type { PinRules } from './pin-rules.ts'
import { lifeOf } from './tool-records.ts'

/** Who a server was when its owner last looked. */
export interface ServerPin {
  serverId: string
  identity: ServerIdentity
}

export interface ServerPinStore {
  all(): ServerPin[]
  put(pin: ServerPin): void
  remove(serverId: string): void
}

type Rules = Pick<PinRules, 'identityDifferences' | 'holdsTools' | 'newVersions'>

/** Who servers are, from the first time that they offered tools until they are removed. */
export class ServerPins {
  readonly #rules: Rules
  readonly #store: ServerPinStore | undefined
  readonly #log: Log
  readonly #pins = new Map<string, ServerIdentity>()
  /** As of the last look, by the source's short name. */
  #changed = new Map<string, ChangedServer>()

  constructor(rules: Rules, log: Log, store?: ServerPinStore) {
    this.#rules = rules
    this.#log = log
    this.#store = store
    for (const { serverId, identity } of store?.all() ?? []) this.#pins.set(serverId, identity)
  }

  /** Looks at all servers that were taken for something. */
  look(sources: readonly ToolSource[]): void {
    const changed = new Map<string, ChangedServer>()
    for (const source of sources) {
      const now = source.identity?.()
      if (source.kind !== 'server' || now === undefined) continue
      const found = this.#differences(lifeOf(source), now)
      if (found.length === 0) continue
      const { slug: sourceId, name } = source
      const isHeld = this.#rules.holdsTools(found, this.#rules.newVersions())
      changed.set(sourceId, { sourceId, source: name, isHeld, differences: found, seen: seenHash(now) })
    }
    this.#changed = changed
  }

  /** What was not known of it so far is what it is taken for. */
  #differences(serverId: string, now: ServerIdentity): Difference[] {
    const pin = this.#pins.get(serverId)
    const known = {
      command: pin?.command ?? now.command,
      origin: pin?.origin ?? now.origin,
      version: pin?.version ?? now.version,
      instructions: pin?.instructions ?? now.instructions ?? null,
    }
    if (pin === undefined || seenHash(pin) !== seenHash(known)) this.#keep(serverId, known)
    return this.#rules.identityDifferences(known, now)
  }

  /** Whether its tools are off until its owner has looked at it. */
  isHeld({ slug }: ToolSource): boolean {
    return this.#changed.get(slug)?.isHeld === true
  }

  /** Whether what it tells assistants of itself is what it was taken for. */
  saysAsBefore(source: ToolSource): boolean {
    const pin = this.#pins.get(lifeOf(source))
    return pin === undefined || (pin.instructions ?? null) === (source.identity?.().instructions ?? null)
  }

  changed(): ChangedServer[] {
    return [...this.#changed.values()]
  }

  /** The owner looked at it, and takes it for what it is. Throws HostError `server-changed`, or when it cannot be stored. */
  accept(source: ToolSource | undefined, seen: string): void {
    const now = source?.identity?.()
    if (!source || !now || seenHash(now) !== seen) throw new HostError({ code: 'server-changed' })
    this.#store?.put({ serverId: lifeOf(source), identity: now })
    this.#pins.set(lifeOf(source), pinOf(now))
  }

  /** Its owner himself has just put this in its place. Which version it is, and what else it says of itself, it has yet to say. */
  edited(source: ToolSource): void {
    const now = source.identity?.()
    if (now) this.#keep(lifeOf(source), { ...pinOf(now), version: null, instructions: null })
  }

  forget(serverId: string): void {
    this.#store?.remove(serverId)
    this.#pins.delete(serverId)
  }

  #keep(serverId: string, identity: ServerIdentity): void {
    this.#pins.set(serverId, identity)
    try {
      this.#store?.put({ serverId, identity })
    } catch (error) {
      this.#log.error('catalog.server-not-pinned', { serverId, error: errorText(error) })
    }
  }
}

/** What of it is shown. */
const pinOf = ({ command, origin, version, instructions = null }: ServerIdentity): ServerIdentity => ({
  ...{ command, origin, version, instructions },
})

/** Of all that is shown, and what decides what is started. */
const seenHash = (identity: ServerIdentity): string =>
  canonicalHash([identityHash(identity), identity.instructions ?? null])
