import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { type ClientCapabilities, SUPPORTED_PROTOCOL_VERSIONS } from '@modelcontextprotocol/server'
import { appsExtension, declaresApps, drawsApps } from '../../../mcp/extensions.ts'

/** What of a session survives a restart. */
export interface SessionFacts {
  /** Protocol version, of the 2025 era. */
  version: string
  capabilities: ClientCapabilities
}

/** Whose session it is. */
export interface SessionOwner {
  grantId: string
  workspace: string
}

const randomLength = 16
const factsLength = 3
const tagLength = 32
const written = /^[\w-]{68}$/

/**
 * Session ids (MCP, "Session Management"): 128 random bits, the facts, and an HMAC-SHA-256 over these and the owner. What
 * is in them need not be stored, and one that was made for somebody else, or by somebody else, is none. The facts are
 * masked, so that ids have nothing in common.
 */
export function createSessionIds(key: Buffer) {
  const digest = (purpose: string, ...parts: (string | Buffer)[]) => {
    const hmac = createHmac('sha256', key)
    // lengths before parts: no two ways of cutting them give the same
    for (const part of [purpose, ...parts]) hmac.update(`${Buffer.byteLength(part)}:`).update(part)
    return hmac.digest()
  }
  const masked = (facts: Buffer, random: Buffer): Buffer => {
    const mask = digest('mask', random)
    return Buffer.from(facts.map((byte, index) => byte ^ mask[index]!))
  }
  const tagOf = (body: Buffer, { grantId, workspace }: SessionOwner) =>
    digest('session', body, grantId, workspace)

  return {
    make(facts: SessionFacts, owner: SessionOwner): string {
      const random = randomBytes(randomLength)
      const body = Buffer.concat([random, masked(packed(facts), random)])
      return Buffer.concat([body, tagOf(body, owner)]).toString('base64url')
    },
    /** The facts, or null for an id that is not one of ours for this owner. */
    read(id: string, owner: SessionOwner): SessionFacts | null {
      if (!written.test(id)) return null
      const bytes = Buffer.from(id, 'base64url')
      const body = bytes.subarray(0, randomLength + factsLength)
      const tag = bytes.subarray(body.length)
      if (tag.length !== tagLength || !timingSafeEqual(tag, tagOf(body, owner))) return null
      return unpacked(masked(body.subarray(randomLength), body.subarray(0, randomLength)))
    },
  }
}

/** The capabilities that somebody asks about, one bit each. */
const bits: readonly (readonly [kind: 'elicitation' | 'sampling' | 'roots', part?: string])[] = [
  ['elicitation'],
  ['elicitation', 'form'],
  ['elicitation', 'url'],
  ['sampling'],
  ['sampling', 'tools'],
  ['sampling', 'context'],
  ['roots'],
]
/** Beside them: `roots.listChanged`, and that it draws. */
const rootsBit = bits.length
const appsBit = bits.length + 1

function packed({ version, capabilities }: SessionFacts): Buffer {
  let flags = capabilities.roots?.listChanged ? 1 << rootsBit : 0
  if (declaresApps(capabilities)) flags |= 1 << appsBit
  for (const [index, [kind, part]] of bits.entries()) {
    const declared = capabilities[kind] as Record<string, unknown> | undefined
    if (part === undefined ? declared : declared?.[part]) flags |= 1 << index
  }
  return Buffer.from([Math.max(0, SUPPORTED_PROTOCOL_VERSIONS.indexOf(version)), flags & 0xff, flags >> 8])
}

function unpacked(facts: Buffer): SessionFacts | null {
  const version = SUPPORTED_PROTOCOL_VERSIONS[facts[0]!]
  if (version === undefined) return null
  const flags = facts[1]! | (facts[2]! << 8)
  const capabilities: Record<string, Record<string, unknown>> = {}
  for (const [index, [kind, part]] of bits.entries())
    if (flags & (1 << index)) {
      capabilities[kind] ??= {}
      if (part !== undefined) capabilities[kind][part] = {}
    }
  if (flags & (1 << rootsBit) && capabilities.roots) capabilities.roots.listChanged = true
  if (flags & (1 << appsBit)) capabilities.extensions = { [appsExtension]: drawsApps }
  return { version, capabilities }
}
