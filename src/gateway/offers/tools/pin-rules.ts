import type { Difference, Finding } from '../../../contract/tools.ts'
import type { KeptDefinition, PinnedDefinition, ServerIdentity } from '../../../mcp/pinned.ts'
import type { ToolDefinition } from '../../../mcp/tool-source.ts'

/** What is decided elsewhere (`policy/pins.ts`, `policy/suspicious-text.ts`) about definitions that change. */
export interface PinRules {
  unpinned(tool: {
    isServerHeld: boolean
    isNew: boolean
    isSame: boolean
  }): 'identity' | 'new' | 'changed' | null
  differences(before: KeptDefinition | null, now: PinnedDefinition): Difference[]
  identityDifferences(pin: ServerIdentity, now: ServerIdentity): Difference[]
  holdsTools(differences: readonly Difference[], newVersions: 'tell' | 'ask'): boolean
  /** What a new version alone, with the same definitions, means to the owner. */
  newVersions(): 'tell' | 'ask'
  findingsIn(definition: ToolDefinition): Finding[]
}
