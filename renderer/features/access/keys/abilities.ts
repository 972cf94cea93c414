import { say } from '../../../../locales/say.ts'
import { abilityWords } from '../../../words/limits.ts'

/** What a key is narrowed to by name. `sources`: to the reads of these, by their short names. */
export type Abilities = { kind: 'all' } | { kind: 'read' } | { kind: 'sources'; sources: string[] }

export const NOT_NARROWED: Abilities = { kind: 'all' }

export const readOf = (source: string): string => `${source}.read`

/** As `keys.create` takes them: without `mcp.access` the others would open nothing. */
export function abilityNames(abilities: Abilities): string[] {
  if (abilities.kind === 'all') return []
  return ['mcp.access', ...(abilities.kind === 'read' ? ['read'] : abilities.sources.map(readOf))]
}

/** What keeps them from being sent, in words; undefined when nothing does. */
export const abilitiesProblem = (abilities: Abilities): string | undefined =>
  abilities.kind === 'sources' && abilities.sources.length === 0 ? say('abilities.noSource') : undefined

/** The one quiet line: "All abilities". */
export const abilitiesLine = (abilities: Abilities, sourceName: (id: string) => string): string =>
  abilityWords(abilityNames(abilities), sourceName) ?? say('abilities.all')
