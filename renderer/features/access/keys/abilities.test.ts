import { expect, it } from 'vitest'
import { abilitiesLine, abilitiesProblem, abilityNames } from './abilities.ts'

const name = (id: string) => ({ github: 'GitHub' })[id] ?? id

it.each([
  [{ kind: 'all' }, [], 'All abilities'],
  [{ kind: 'read' }, ['mcp.access', 'read'], 'Only reading'],
  [
    { kind: 'sources', sources: ['github', 'notes'] },
    ['mcp.access', 'github.read', 'notes.read'],
    'Only reading from GitHub and notes',
  ],
] as const)('%j is sent as %j', (abilities, names, line) => {
  const given = 'sources' in abilities ? { ...abilities, sources: [...abilities.sources] } : abilities
  expect(abilityNames(given)).toEqual(names)
  expect(abilitiesLine(given, name)).toBe(line)
  expect(abilitiesProblem(given)).toBeUndefined()
})

it('a key that would read from nothing is not made', () => {
  expect(abilitiesProblem({ kind: 'sources', sources: [] })).toContain('at least one')
})
