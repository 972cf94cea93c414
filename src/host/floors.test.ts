import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { describe, expect, it } from 'vitest'

/**
 * Keeps the floors of docs/architecture.md. A room may import from itself and from lower floors; rooms of one floor
 * never import one another. Everything may import locales/, which imports nothing of ours. Tests may reach anywhere below the shells.
 */
const floors: readonly (readonly string[])[] = [
  ['contract'],
  ['kernel'],
  ['storage', 'mcp', 'net', 'system'],
  [
    'oauth',
    'gateway',
    'servers',
    'connectors',
    'notes',
    'timeline',
    'policy',
    'approvals',
    'activity',
    'tunnel',
    'setup',
    'control',
  ],
  ['host'],
  ['headless'],
  ['cli'],
]
const root = resolve(import.meta.dirname, '../..')
const floorOf = (room: string) => floors.findIndex((floor) => floor.includes(room))

const files = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|tsx|mts|mjs)$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))

const imports = (file: string): string[] => {
  const text = readFileSync(join(root, file), 'utf8')
  const found = text.matchAll(
    /(?:\bfrom\s+|\bimport\s*\(\s*|^import\s+|\brequire\s*\(\s*)(['"])([^'"\n]+)\1/gm,
  )
  return [...found].map((match) => match[2]!)
}

const target = (file: string, specifier: string): string | null =>
  specifier.startsWith('.') ? relative(root, resolve(root, dirname(file), specifier)) : null

const isTest = (file: string) => /\.test\.tsx?$|[/\\]fixture|[/\\]testing[/\\]/.test(file)
const roomOf = (path: string): string | null => {
  const [top, room] = path.split(sep)
  return top === 'src' ? room! : null
}

/** Sentences are said on every floor, also in the interface. */
const isLocales = (path: string) => path.startsWith(`locales${sep}`)

describe('the floors of the house', () => {
  const sources = files('src')

  it('finds the house', () => {
    expect(sources.length).toBeGreaterThan(40)
    for (const file of sources)
      expect(floorOf(roomOf(file)!), `${file} stands on no floor`).toBeGreaterThanOrEqual(0)
  })

  it('imports only downwards, and never a sibling', () => {
    const wrong: string[] = []
    for (const file of sources.filter((name) => !isTest(name))) {
      const here = roomOf(file)!
      for (const specifier of imports(file)) {
        const path = target(file, specifier)
        if (path === null) continue
        const there = roomOf(path)
        if (there === here) continue
        if (path === 'package.json' || isLocales(path)) continue
        if (there === null || floorOf(there) >= floorOf(here)) wrong.push(`${file} → ${path}`)
      }
    }
    expect(wrong).toEqual([])
  })

  it('has locales below everything', () => {
    const wrong: string[] = []
    for (const file of files('locales').filter((name) => !isTest(name)))
      for (const specifier of imports(file)) {
        const path = target(file, specifier)
        if ((path !== null && !isLocales(path)) || specifier.startsWith('node:'))
          wrong.push(`${file} → ${specifier}`)
      }
    expect(wrong).toEqual([])
  })

  it('keeps the renderer to the contract and the locales', () => {
    const wrong: string[] = []
    for (const file of files('renderer').filter((name) => !isTest(name))) {
      for (const specifier of imports(file)) {
        const path = target(file, specifier)
        if (
          path !== null &&
          !path.startsWith(`renderer${sep}`) &&
          !path.startsWith(join('src', 'contract')) &&
          !isLocales(path) &&
          !path.startsWith(`assets${sep}`)
        ) {
          wrong.push(`${file} → ${path}`)
        }
        if (specifier.startsWith('node:')) wrong.push(`${file} → ${specifier}`)
      }
    }
    expect(wrong).toEqual([])
  })

  it("lets only electron/ import 'electron'", () => {
    const wrong = [...sources, ...files('renderer'), ...files('scripts')].filter((file) =>
      imports(file).some((specifier) => specifier === 'electron' || specifier.startsWith('electron/')),
    )
    expect(wrong).toEqual([])
  })

  it('has no default exports, no enums and no barrels', () => {
    const wrong: string[] = []
    for (const file of [...sources, ...files('electron'), ...files('renderer'), ...files('locales')]) {
      const text = readFileSync(join(root, file), 'utf8')
      if (/^export default /m.test(text)) wrong.push(`${file}: default export`)
      if (/^(?:export )?(?:const )?enum /m.test(text)) wrong.push(`${file}: enum`)
      if (/^export \* from /m.test(text) || /(?:^|[/\\])(?:index|utils)\.tsx?$/.test(file))
        wrong.push(`${file}: barrel`)
    }
    expect(wrong).toEqual([])
  })

  it('knows what it forbids', () => {
    expect(target('src/oauth/a.ts', '../gateway/b.ts')).toBe(join('src', 'gateway', 'b.ts'))
    expect(floorOf('gateway')).toBe(floorOf('oauth'))
    expect(floorOf('contract')).toBeLessThan(floorOf('kernel'))
  })
})
