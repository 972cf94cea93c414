import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { expect, it } from 'vitest'

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

it.each(Object.entries(orders))(
  '%s has folders that stand on one another, each small enough',
  (room, order) => {
    const here = resolve(import.meta.dirname, '..', room)
    const placeOf = (folder: string) => order.findIndex((place) => place.includes(folder))
    const wrong: string[] = []
    for (const folder of readdirSync(here).filter((name) => name !== 'testing' && !name.includes('.'))) {
      expect(placeOf(folder), folder).toBeGreaterThanOrEqual(0)
      const files = readdirSync(join(here, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => /(?<!\.test)\.ts$/.test(name))
        .map((name) => join(folder, name))
      for (const within of Map.groupBy(files, dirname))
        expect(within[1].length, within[0]).toBeLessThanOrEqual(15)
      for (const file of files)
        for (const [, path = ''] of readFileSync(join(here, file), 'utf8').matchAll(
          /'(\.\.?\/[^']+\.ts)'/g,
        )) {
          const [target = ''] = relative(here, join(here, dirname(file), path)).split(sep)
          const isOurs = target !== '..' && target !== folder
          if (isOurs && placeOf(target) >= placeOf(folder)) wrong.push(`${file} → ${path}`)
        }
    }
    expect(wrong).toEqual([])
  },
)
