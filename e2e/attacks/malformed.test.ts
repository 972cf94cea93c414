import { expect, it } from 'vitest'
import { grown, runMalformed, summary } from './malformed-run.ts'

/**
 * Messages that are wrong in every way we could think of, with a good token, at the real listener. `npm run fuzz` sends fifty
 * thousand; FUZZ_MESSAGES and FUZZ_SEED ask for others.
 */
const count = Number(process.env.FUZZ_MESSAGES ?? 15_000)
const seed = Number(process.env.FUZZ_SEED ?? 20261121)

it(`stands ${count} malformed messages`, async () => {
  const report = await runMalformed({ count, seed })
  console.log(summary(report, seed))
  expect(report.problems).toEqual([])
  expect(report.sent).toBe(count)
  expect(report.pings).toBe(Math.ceil(count / 1_000))
  expect(report.slowestPing).toBeLessThan(5_000)
  expect(grown(report)).toBeLessThan(50 * 1_048_576)
  // Both the worst and the nearly right were among them.
  expect(report.statuses.get('200') ?? 0).toBeGreaterThan(count / 50)
  expect(report.statuses.get('400') ?? 0).toBeGreaterThan(count / 20)
}, 600_000)
