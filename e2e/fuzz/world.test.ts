import { expect, it } from 'vitest'
import { runFuzz, summary } from './fuzz-run.ts'

/**
 * The short form of `npm run fuzz`: whatever servers, authorization servers and clients get wrong costs nobody else anything, and the
 * owner is told what is left out. FUZZ_MUTATIONS and FUZZ_SEED ask for others.
 */
const count = Number(process.env.FUZZ_MUTATIONS ?? 112)
const seed = Number(process.env.FUZZ_SEED ?? 20261128)

it(`stands ${count} mutations`, async () => {
  const report = await runFuzz({ count, seed })
  console.log(summary(report, seed))
  expect(report.failures).toEqual([])
  expect(report.run).toBe(count)
  // Nobody was spared.
  for (const [lane, run] of report.perLane) expect(run, lane).toBeGreaterThanOrEqual(Math.floor(count / 7))
}, 600_000)
