import type { Risk } from '../contract/tools.ts'

/** The hints a tool gives about itself (MCP 2025-11-25, "Tool annotations"). Claims of the server: not to be trusted. */
export interface ToolHints {
  readOnlyHint?: unknown
  destructiveHint?: unknown
  openWorldHint?: unknown
}

/**
 * What a tool may do at worst. Only a clear `true` counts; a tool that says nothing about itself writes, and one that
 * claims to be read-only and destructive at once is destructive. The user's own word (`override`) beats the hints.
 */
export function riskOf(
  annotations: ToolHints | undefined | null,
  override?: Risk,
): { risk: Risk; openWorld: boolean } {
  const openWorld = annotations?.openWorldHint !== false
  if (override) return { risk: override, openWorld }
  if (annotations?.destructiveHint === true) return { risk: 'destructive', openWorld }
  return { risk: annotations?.readOnlyHint === true ? 'read' : 'write', openWorld }
}
