// `npm test`: everything that must hold, from a fresh checkout. Ends with one line: `N passed, N failed`.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { prepare } from './prepare.mjs'
import { environment, findNode, root, run, say } from './process.mjs'
import { ensureSystemPackages } from './system-packages.mjs'

const begun = Date.now()
const reports = join(root, '.cache', 'reports')
const vitestReport = join(reports, 'vitest.json')
const playwrightReport = join(reports, 'playwright.json')

const none = { passed: 0, failed: 0 }
const tool = (path) => join(root, 'node_modules', path)

/** A check is one thing that holds or does not. */
async function check(title, ...commands) {
  for (const [i, [command, ...args]] of commands.entries()) {
    const { code, output } = await run(i === 0 ? title : '', findNode(), [tool(command), ...args], {
      timeout: 300_000,
    })
    if (code === 0) continue
    say(output.trimEnd())
    return { passed: 0, failed: 1 }
  }
  return { passed: 1, failed: 0 }
}

/** A suite counts what its report says; one that ends badly without having counted a failure is a failure itself. */
async function suite(title, report, count, command, args) {
  rmSync(report, { force: true })
  const { code } = await run(title, findNode(), [tool(command), ...args], {
    quiet: false,
    timeout: 2_400_000,
  })
  let counted = none
  try {
    counted = count(JSON.parse(readFileSync(report, 'utf8')))
  } catch {
    say(`${title}: no report was written.`)
  }
  if (code !== 0 && counted.failed === 0) return { ...counted, failed: 1 }
  return counted
}

const countVitest = (report) => ({
  passed: report.numPassedTests,
  // a file that could not even be loaded has no tests to count
  failed:
    report.numFailedTests +
    report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0)
      .length,
})

const countPlaywright = (report) => ({
  passed: report.stats.expected + report.stats.flaky,
  failed: report.stats.unexpected + report.errors.length,
})

async function main() {
  await ensureSystemPackages()
  await prepare()
  rmSync(reports, { recursive: true, force: true })
  mkdirSync(reports, { recursive: true })
  // what the tools start for themselves must be our Node too
  process.env.PATH = environment().PATH
  const results = [
    await check('Types', ['typescript/bin/tsc', '-p', '.'], ['typescript/bin/tsc', '-p', 'renderer']),
    await check('Lint', ['@biomejs/biome/bin/biome', 'check', '.']),
    await check('Code that nobody uses', ['knip/bin/knip.js', '--no-progress']),
    await suite('Unit and integration tests', vitestReport, countVitest, 'vitest/vitest.mjs', [
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${vitestReport}`,
    ]),
  ]
  if (existsSync(join(root, 'playwright.config.ts')))
    results.push(
      await suite('Tests in a real browser', playwrightReport, countPlaywright, '@playwright/test/cli.js', [
        'test',
      ]),
    )
  return results
}

let results
try {
  results = await main()
} catch (error) {
  say(error.message)
  results = [{ passed: 0, failed: 1 }]
}
const sum = (what) => results.reduce((total, one) => total + one[what], 0)
const failed = sum('failed')
process.stdout.write(`Finished in ${Math.round((Date.now() - begun) / 1000)} s.\n`)
process.stdout.write(`${sum('passed')} passed, ${failed} failed\n`)
process.exit(failed > 0 ? 1 : 0)
