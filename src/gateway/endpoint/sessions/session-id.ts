import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
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

const cipherName = 'aes-256-gcm'
const [ivLength, factsLength, authTagLength] = [16, 4, 16]
const written = /^[\w-]{48}$/

/**
 * Session ids (MCP, "Session Management"): 128 random bits and the facts, sealed for their owner. What is in them need not be
 * stored, ids have nothing in common, and one that was made for somebody else, or by somebody else, is none.
 */
export function createSessionIds(key: Buffer) {
  const ownerBytes = ({ grantId, workspace }: SessionOwner) =>
    Buffer.from(JSON.stringify([grantId, workspace]))

  return {
    make(facts: SessionFacts, owner: SessionOwner): string {
      const iv = randomBytes(ivLength)
      const cipher = createCipheriv(cipherName, key, iv, { authTagLength }).setAAD(ownerBytes(owner))
      const body = Buffer.concat([iv, cipher.update(packed(facts)), cipher.final()])
      return Buffer.concat([body, cipher.getAuthTag()]).toString('base64url')
    },
    /** The facts, or null for an id that is not one of ours for this owner. */
    read(id: string, owner: SessionOwner): SessionFacts | null {
      if (!written.test(id)) return null
      const bytes = Buffer.from(id, 'base64url')
      const decipher = createDecipheriv(cipherName, key, bytes.subarray(0, ivLength), { authTagLength })
        .setAAD(ownerBytes(owner))
        .setAuthTag(bytes.subarray(ivLength + factsLength))
      const facts = decipher.update(bytes.subarray(ivLength, ivLength + factsLength))
      try {
        decipher.final()
      } catch {
        return null
      }
      return unpacked(facts)
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
  const facts = Buffer.alloc(factsLength)
  facts[0] = Math.max(0, SUPPORTED_PROTOCOL_VERSIONS.indexOf(version))
  facts.writeUIntBE(flags, 1, factsLength - 1)
  return facts
}

function unpacked(facts: Buffer): SessionFacts | null {
  const version = SUPPORTED_PROTOCOL_VERSIONS[facts[0]!]
  if (version === undefined) return null
  const flags = facts.readUIntBE(1, factsLength - 1)
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
