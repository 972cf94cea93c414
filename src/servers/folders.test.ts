import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, it } from 'vitest'

/** Each may import from those before it in the list; those in one place never from one another. */
const order: readonly (readonly string[])[] = [
  ['framing', 'failures'],
  ['session'],
  ['sign-in', 'lists', 'stdio'],
  ['http'],
  ['lifecycle'],
  ['registry'],
]
const here = import.meta.dirname

it('has folders that stand on one another, each small enough to be named by its files', () => {
  const placeOf = (folder: string) => order.findIndex((place) => place.includes(folder))
  const wrong: string[] = []
  for (const folder of readdirSync(here).filter((name) => name !== 'testing' && !name.includes('.'))) {
    expect(placeOf(folder), folder).toBeGreaterThanOrEqual(0)
    const files = readdirSync(join(here, folder)).filter((name) => /(?<!\.test)\.ts$/.test(name))
    expect(files.length, folder).toBeLessThanOrEqual(15)
    for (const file of files)
      for (const [, path = ''] of readFileSync(join(here, folder, file), 'utf8').matchAll(
        /'(\.\.?\/[^']+\.ts)'/g,
      )) {
        const target = dirname(relative(here, join(here, folder, path)))
        const isOurs = !target.startsWith('..') && target !== folder
        if (isOurs && placeOf(target) >= placeOf(folder)) wrong.push(`${folder}/${file} → ${path}`)
      }
  }
  expect(wrong).toEqual([])
})
