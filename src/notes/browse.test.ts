import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { browse } from './browse.ts'

it('sorts as people do, with one collator for all', async () => {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'drawbridge-browse-')))
  try {
    const names = [
      'Äpfel',
      'b10',
      'b2',
      'Banana',
      'zoo',
      ...Array.from({ length: 1_200 }, (_, n) => `year ${n}`),
    ]
    for (const name of [...names, '.hidden']) mkdirSync(join(home, name))
    const alone = vi.spyOn(String.prototype, 'localeCompare')
    const made = vi.spyOn(Intl, 'Collator')
    const { folders, parent } = await browse(home)
    expect([alone.mock.calls.length, made.mock.calls.length]).toEqual([0, 1])
    expect(parent).toBe(realpathSync(tmpdir()))
    expect(folders).toHaveLength(1_000)
    expect(folders.slice(0, 7).map(({ name }) => name)).toEqual([
      ...['Äpfel', 'b2', 'b10', 'Banana', 'year 0', 'year 1', 'year 2'],
    ])
  } finally {
    vi.restoreAllMocks()
    rmSync(home, { recursive: true, force: true })
  }
})
