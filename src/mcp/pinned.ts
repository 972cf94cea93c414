import { canonicalHash } from '../kernel/canonical-json.ts'
import type { ToolDefinition } from './tool-source.ts'

/** All that tells an assistant, and its owner, what a tool does: what a pin is compared with, and nothing else. */
export type PinnedDefinition = Pick<
  ToolDefinition,
  'name' | 'title' | 'description' | 'inputSchema' | 'outputSchema' | 'annotations'
>

/** All six, also those that it does not have. */
export const pinnedPart = ({
  name,
  title,
  description,
  inputSchema,
  outputSchema,
  annotations,
}: ToolDefinition) => ({ name, title, description, inputSchema, outputSchema, annotations })

/** As it was accepted; of one too long to be kept whole, how its JSON began. */
export type KeptDefinition = PinnedDefinition | { readonly cut: string }

/** Who a server is, apart from what it offers. Null: it has none, or it is not known. */
export interface ServerIdentity {
  /** What is started: words of the command line, folder, names of variables, and whether it is confined; as JSON. */
  readonly command: string | null
  /** Of its address (RFC 6454). */
  readonly origin: string | null
  /** What it calls itself, and which version of that, when it last said so. */
  readonly version: string | null
  /** What it tells assistants of itself, as far as it is passed on; empty: nothing. Null or left out: not known. No rule is bound to it. */
  readonly instructions?: string | null
  /** Hash of all that decides what is started or contacted, the same after a restart; a pin, which is shown, has none. */
  readonly fingerprint?: string
}

const hashes = new WeakMap<ServerIdentity, string>()

/** SHA-256, hexadecimal. */
export function identityHash(identity: ServerIdentity): string {
  const made = hashes.get(identity)
  if (made !== undefined) return made
  const { command, origin, version, fingerprint } = identity
  const hash = canonicalHash([command, origin, version, fingerprint ?? null])
  hashes.set(identity, hash)
  return hash
}
