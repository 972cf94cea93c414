import { afterAll, expect, it } from 'vitest'
import { FolderStage } from './testing/fixture-folders.ts'
import { measure } from './testing/measure.ts'

const stage = new FolderStage()
afterAll(() => stage.stop())

/** The short version of `testing/measure-folders.ts`, which has 20,000 documents and 200 questions. */
it('answers questions in four languages with the right document among the first five', async () => {
  const { found, missed } = await measure(stage, 405, 81)
  expect(found, missed.join('\n')).toBeGreaterThanOrEqual(77)
}, 60_000)
