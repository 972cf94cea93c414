import { expect, it } from 'vitest'
import { runSoak, summary } from './soak-run.ts'

/** A short one; `npm run soak` takes its time. */
it('fifty clients with the same ids get their own answers, all of them', async () => {
  const report = await runSoak({ seconds: 10 })
  console.log(summary(report))
  expect(report.mixed).toEqual([])
  expect(report.lost).toEqual([])
  expect(report.troubles).toEqual([])
  // however busy the computer is
  expect(report.calls).toBeGreaterThan(200)
  expect(report.progress).toBeGreaterThan(20)
  expect(report.lists).toBeGreaterThan(0)
}, 120_000)
