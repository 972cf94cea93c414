import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const read = (name: string) => readFileSync(join(root, name), 'utf8')
const page = read('docs/architecture.md')
const named = ['src', 'renderer', 'electron', 'locales', 'scripts', 'e2e', 'bench'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path)),
)
const files = new Set(named.filter((path) => !path.includes('node_modules')).map((path) => basename(path)))

/** `src/a/b.ts` and `src/a/` by path from the root, `kernel/a.ts` from `src`, `a.ts` by its name alone. */
function isThere(path: string): boolean {
  if (!path.includes('/')) return files.has(path)
  return existsSync(join(root, path)) || existsSync(join(root, 'src', path))
}

it.each(['docs/architecture.md', 'docs/security.md', 'CONTRIBUTING.md'])(
  '%s names what stands there',
  (name) => {
    const paths = [
      ...read(name).matchAll(
        /`((?:[\w.-]+\/)*[\w.-]+\.(?:ts|tsx)|(?:src|renderer|electron|e2e|bench|locales)\/[\w./-]*)`/g,
      ),
    ]
    expect(paths.length).toBeGreaterThan(1)
    expect(paths.map((match) => match[1]!).filter((path) => !isThere(path))).toEqual([])
  },
)

it('its links lead somewhere', () => {
  const links = [...page.matchAll(/\]\(([^)#:]+)\)/g)].map((match) => match[1]!)
  expect(links.length).toBeGreaterThan(5)
  expect(links.filter((link) => !existsSync(join(root, 'docs', link)))).toEqual([])
})

it('every room that it draws is a folder, and every folder is drawn', () => {
  const drawn = [...page.matchAll(/^ {2}([a-z]+)\/ {2,}\S/gm)].map((match) => match[1]!)
  const rooms = readdirSync(join(root, 'src'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
  expect(drawn.sort()).toEqual(rooms.sort())
})
