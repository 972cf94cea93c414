import { describe, expect, it } from 'vitest'
import { table } from './table.ts'

describe('tables on the command line', () => {
  it.each(['x'.repeat(3_000), ` ${' '.repeat(3_000)}`, '\u202e'.repeat(3_000), '😀'.repeat(3_000)])(
    'lets no cell push the others off the screen (%#)',
    (name) => {
      const rows = [
        ['Mail', 'running', '3'],
        [name, 'stopped', '7'],
      ]
      const lines = table(['name', 'state', 'tools'], rows, 100)
      expect(lines[1]).toMatch(/^Mail {62}running {2}3$/)
      expect([...lines[2]!].slice(62).join('')).toMatch(/^.… {2}stopped {2}7$/u)
      expect(lines[3]).toContain('--json')
    },
  )

  it('cuts nothing where nobody said how wide it is', () => {
    const name = 'x'.repeat(300)
    expect(table(['name', 'state'], [[name, 'running']])[1]).toBe(`${name}  running`)
  })

  it('shows the whole of what every name of a tool fits into', () => {
    const name = `server__${'t'.repeat(56)}`
    const lines = table(['name', 'state'], [[name, 'on']], 100)
    expect(lines.slice(1)).toEqual([`${name}  on`])
  })
})
