import { afterAll, beforeAll, expect, it } from 'vitest'
import { Folder } from '../../contract/folders.ts'
import { sampleOf } from '../../contract/testing/sample.ts'
import { json, startHarness } from '../testing/harness.ts'

let h: Awaited<ReturnType<typeof startHarness>>
beforeAll(async () => {
  h = await startHarness()
})
afterAll(() => h.stop())

it('looks again for what is in one folder, by its name, or in all of them', async () => {
  expect((await h.drawbridge('folder', 'refresh')).out).toContain('No folder was added yet')
  const folder = (id: string, name: string) =>
    sampleOf(Folder, { id, name, path: `/home/ada/${name}`, state: 'ready' })
  h.state.folders = [folder('folder_1', 'Notes'), folder('folder_2', 'Papers')]
  const { code, out } = await h.drawbridge('folder', 'refresh', 'Papers')
  expect([code, out]).toEqual([0, expect.stringContaining('Papers')])
  expect(h.last('folders.refresh')).toEqual({ id: 'folder_2' })
  expect(json(await h.drawbridge('folder', 'refresh', '--json'))).toMatchObject([
    { name: 'Notes' },
    { name: 'Papers' },
  ])
  expect((await h.drawbridge('folder', 'refresh', 'None')).code).not.toBe(0)
})
