import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { Change } from '../../contract/changes.ts'
import { sampleOf } from '../../contract/testing/sample.ts'
import { json, startHarness } from '../testing/harness.ts'

let h: Awaited<ReturnType<typeof startHarness>>
beforeAll(async () => {
  h = await startHarness()
})
afterAll(() => h.stop())
beforeEach(() => h.forget())

const change = (call: string, path: string) =>
  sampleOf(Change, { call, path, folder: 'Docs', grantId: 'grant_abc', isUndone: false })

it('undoes one call', async () => {
  h.state.changes = [change('call_1', 'a.md')]
  const { code, out } = await h.drawbridge('undo', 'call_1')
  expect([code, out]).toEqual([0, expect.stringContaining('Docs/a.md is as it was before.')])
  expect(h.last('changes.undo')).toEqual({ call: 'call_1', over: null })
})

it('shows both versions of what was changed since, and writes over the one it was told only when asked to', async () => {
  h.state.changes = [change('call_1', 'shared/a.md')]
  const { code, out } = await h.drawbridge('undo', 'call_1')
  expect(code).toBe(5)
  expect(out).toContain('Written by Ada since.')
  expect(out).toContain('drawbridge undo call_1 --put-back')
  expect(json(await h.drawbridge('undo', 'call_1', '--json'))).toMatchObject({ state: 'changed' })
  expect((await h.drawbridge('undo', 'call_1', '--put-back')).code).toBe(0)
  expect(h.last('changes.undo')).toEqual({ call: 'call_1', over: 'fingerprint' })
})

it('undoes all of today of one client, and says what is left', async () => {
  h.state.changes = [change('call_1', 'a.md'), change('call_2', 'shared/b.md')]
  const { code, out } = await h.drawbridge('undo', '--client', 'grant_abc', '--today')
  expect(code).toBe(5)
  expect(out).toContain('Docs/a.md is as it was before.')
  expect(out).toContain('call_2 could not be undone')
  const { since } = h.last('changes.undoAll') as { since: number }
  expect(since).toBe(new Date().setHours(0, 0, 0, 0))
  h.state.changes = []
  expect((await h.drawbridge('undo', '--client', 'grant_abc', '--today')).out).toContain('nothing to undo')
})

it.each([[], ['call_1', '--today'], ['--client', 'x'], ['--today'], ['call_1', '--client', 'x', '--today']])(
  'asks what is meant: %s %s %s',
  async (...args) => {
    expect((await h.drawbridge('undo', ...args)).code).toBe(2)
    expect(h.last('changes.undo')).toBeUndefined()
  },
)

it('lets assistants write in a folder, and no more', async () => {
  await h.drawbridge('folder', 'add', '/home/ada/Notes', '--write')
  const added = { path: '/home/ada/Notes', excludes: [], writable: true, paused: false }
  expect(h.last('folders.add')).toEqual(added)
  const { out } = await h.drawbridge('folder', 'list')
  expect(out).toContain('assistants may write in it')
  await h.drawbridge('folder', 'set', 'Notes', '--no-write')
  expect(h.last('folders.change')).toMatchObject({ writable: false })
  expect((await h.drawbridge('folder', 'list')).out).not.toContain('assistants may write in it')
  expect((await h.drawbridge('folder', 'set', 'Notes')).code).toBe(2)
})
