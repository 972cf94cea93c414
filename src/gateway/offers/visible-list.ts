import { createHash } from 'node:crypto'
import type { Raw } from '../../mcp/tool-source.ts'

export type ListKind = 'tools' | 'resources' | 'resourceTemplates' | 'prompts'

export const listKinds: readonly ListKind[] = ['tools', 'resources', 'resourceTemplates', 'prompts']

/** Which protocol a client speaks: 2025-11-25 and older, or 2026-07-28. */
export type Era = 'legacy' | 'modern'

/** What somebody sees of one kind, made once for all who see the same. */
export interface VisibleList {
  /** Sorted by public name or URI. Shared: not to be changed. */
  items: readonly Raw[]
  /** `items` as a JSON array in UTF-8, as it is sent. */
  json: Buffer
  /** SHA-256 of `json`, base64url. */
  hash: string
  /**
   * Who listens is told when this is another one. It also names what will be seen once the owner looked at it: a server that says
   * that its tools changed is passed on, so that nobody takes it for silent.
   */
  told: string
}

/** `waiting`: ids of what the owner has to look at first. */
export function visibleList(
  entries: readonly { published: Raw; json: string }[],
  waiting: readonly string[] = [],
): VisibleList {
  const json = Buffer.from(`[${entries.map((entry) => entry.json).join(',')}]`)
  const hash = createHash('sha256').update(json).digest('base64url')
  const told = [hash, ...waiting].join(' ')
  return { items: entries.map((entry) => entry.published), json, hash, told }
}
