import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const productFiles = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /(?<!\.test)\.tsx?$/.test(name) && !/(?:^|[/\\])testing[/\\]/.test(name))
    .map((name) => join(folder, name))

/** Product files of one folder, at most: more is a drawer. */
const most = 15
/** Lists of things of one kind, a file each, in which a thing is found by its name; what is no such thing has no place there. */
const flat: Record<string, number> = {
  'renderer/ui': 25, // a component each
  'src/contract': 26, // an area each
  'src/cli/commands': 27, // a command each
  'src/connectors': 30, // a service each
}

it('folders are small, but for those that are lists', () => {
  const folders = Map.groupBy(['src', 'renderer', 'electron'].flatMap(productFiles), dirname)
  const large = [...folders].filter(([folder, files]) => files.length > (flat[folder] ?? most))
  expect(large.map(([folder, files]) => `${folder}: ${files.length}`)).toEqual([])
  const needless = Object.keys(flat).filter((folder) => (folders.get(folder)?.length ?? 0) <= most)
  expect(needless).toEqual([])
})

/** The folders of the large rooms. Each may import from those before it in the list; those in one place never from one another. */
const orders: Record<string, readonly (readonly string[])[]> = {
  servers: [
    ['framing', 'failures'],
    ['session'],
    ['sign-in', 'lists', 'stdio'],
    ['http'],
    ['lifecycle'],
    ['registry'],
  ],
  gateway: [['offers', 'workspaces'], ['calls'], ['endpoint'], ['listener']],
}

it.each(Object.entries(orders))('%s has folders that stand on one another', (room, order) => {
  const here = join(root, 'src', room)
  const placeOf = (folder: string) => order.findIndex((place) => place.includes(folder))
  const wrong: string[] = []
  for (const folder of readdirSync(here).filter((name) => name !== 'testing' && !name.includes('.'))) {
    expect(placeOf(folder), folder).toBeGreaterThanOrEqual(0)
    for (const file of productFiles(join('src', room, folder)))
      for (const [, path = ''] of readFileSync(join(root, file), 'utf8').matchAll(/'(\.\.?\/[^']+\.ts)'/g)) {
        const [target = ''] = relative(here, join(root, dirname(file), path)).split(sep)
        const isOurs = target !== '..' && target !== folder
        if (isOurs && placeOf(target) >= placeOf(folder)) wrong.push(`${file} → ${path}`)
      }
  }
  expect(wrong).toEqual([])
})
