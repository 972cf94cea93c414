/**
 * Measures how long the Activity page takes to show a filter, from the press to the rows, and what an export costs in memory:
 *
 *   npx electron-vite build && node --expose-gc e2e/measure-filter.ts <folder with a copy of an activity.db> [measures]
 *
 * `src/activity/testing/measure-log.ts` makes such a file. The log, the private listener and the pages are the real ones; the rest of the
 * host is the fake one, since a real host would delete rows of such a log.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { chromium, type Page } from '@playwright/test'
import { chromiumOptions } from '../scripts/chromium.mjs'
import { createActivity } from '../src/activity/activity.ts'
import { activityHandlers } from '../src/activity/handlers.ts'
import { exportCost } from '../src/activity/testing/export-cost.ts'
import type { Answers } from '../src/contract/testing/fake-answers.ts'
import { startHeadless } from '../src/headless/start-headless.ts'
import { fakeRunningHost } from '../src/headless/testing/fake-running-host.ts'
import { silentLog } from '../src/kernel/log/log.ts'
import { createRedactor } from '../src/kernel/log/redact.ts'
import { openCallLog } from '../src/storage/database/database.ts'

const folder = process.argv[2]
if (folder === undefined) throw new Error('Which folder?')
const measures = Number(process.argv[3] ?? 60)
const { db } = openCallLog(join(folder, 'activity.db'), silentLog)
const activity = createActivity({
  ...{ db, clock: { now: () => Date.now() }, log: silentLog, redactor: createRedactor() },
  ...{ keepRows: 100_000_000, keepDays: () => 10_000 },
})
const dataDir = mkdtempSync(join(tmpdir(), 'measure-filter-'))
const handlers = activityHandlers(activity, {
  of: () => ({ signIns: { worked: 0, failed: 0 }, tokens: { worked: 0, failed: 0 } }),
})
const { host } = fakeRunningHost({ dataDir, answers: handlers as unknown as Answers })
const running = await startHeadless(
  { dataDir, version: '0.0.0', json: true, open: false },
  {
    createHost: async () => host,
    uiDir: resolve(import.meta.dirname, '../out/renderer'),
    print: () => {},
    openBrowser: () => {},
  },
)
const browser = await chromium.launch(chromiumOptions)

const choices: Record<string, string[]> = {
  Assistant: ['ChatGPT', 'Claude'],
  Tool: ['files__read', 'files__search', 'github__get_repo', 'mail__send', 'notes__write', 'web__fetch'],
  Source: ['files', 'github', 'mail', 'notes', 'web'],
  Outcome: ['Answered', 'Allowed by you', 'Did not work', 'Not allowed', 'Refused', 'Cancelled'],
  Kind: ['Reads', 'Changes things', 'Can delete'],
  Time: ['Today', 'Last 7 days', 'Last 30 days'],
}

/** In the page: from the press on an option to the frame after the new list, or what stands instead of it, is there. */
const watch = `{
  const shown = () => document.querySelector('main [role=listbox]') ?? document.querySelector('main h2')
  globalThis.took = new Promise((resolve, reject) => addEventListener('pointerdown', () => {
    const began = performance.now()
    setTimeout(() => reject(new Error('No list after a minute: ' + document.querySelector('main').innerText)), 60_000)
    let isGone = false
    const observer = new MutationObserver(() => {
      if (shown() === null) isGone = true
      else if (isGone) {
        observer.disconnect()
        requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - began), 0))
      }
    })
    observer.observe(document.querySelector('main'), { childList: true, subtree: true })
  }, { once: true, capture: true }))
  // Not the promise: what the block gives is waited for, and the press comes only afterwards.
  void 0
}`

/** Milliseconds by the clock, and of the processor: the host's thread and the page's together, which is the same on a busy machine. */
interface Took {
  clock: number
  processor: number
}

async function measure(
  page: Page,
  spent: () => Promise<number>,
  filter: string,
  value: string,
): Promise<Took> {
  await page.getByRole('combobox', { name: filter, exact: true }).click()
  const option = page.getByRole('option', { name: value, exact: true }).first()
  await option.hover()
  await page.evaluate(watch)
  const before = await spent()
  await option.click()
  const clock: number = await page.evaluate('globalThis.took')
  return { clock, processor: (await spent()) - before }
}

/** Gives what the host's thread and the page's used so far of the processor, in milliseconds. */
async function spentBy(page: Page): Promise<() => Promise<number>> {
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  return async () => {
    const { metrics } = await session.send('Performance.getMetrics')
    const { user, system } = process.threadCpuUsage()
    return (user + system) / 1_000 + metrics.find(({ name }) => name === 'TaskDuration')!.value * 1_000
  }
}

/** So that it can be done again: the same each time. */
let seed = 7
const random = (below: number) => {
  seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
  return Math.floor((seed / 2_147_483_648) * below)
}

async function filters(): Promise<Took[]> {
  const page = await browser.newPage({ viewport: { width: 1100, height: 760 } })
  await page.goto(running.link)
  const address = page.url().replace(/#.*/, '')
  const spent = await spentBy(page)
  const took: Took[] = []
  const seen = new Set<string>()
  while (took.length < measures) {
    // A page that was loaded anew remembers no answer.
    await page.goto('about:blank')
    // What can be chosen is added up from the log first.
    const counted = page.waitForResponse(/activity\.usage$/, { timeout: 180_000 })
    await page.goto(`${address}#/activity`)
    await page.getByRole('listbox').getByRole('option').first().waitFor()
    await counted
    await page.waitForTimeout(1_000)
    const chosen: string[] = []
    const names = Object.keys(choices)
    for (const [step, filter] of [names[random(6)]!, names[random(6)]!].entries()) {
      const value = choices[filter]![random(choices[filter]!.length)]!
      if (chosen.some((one) => one.startsWith(`${filter}=`))) continue
      chosen.push(`${filter}=${value}`)
      const one = await measure(page, spent, filter, value)
      took.push(one)
      if (one.clock > 100 || !seen.has(value))
        console.log(
          `${one.clock.toFixed(0)} ms, ${one.processor.toFixed(0)} of the processor  ${chosen.join(' + ')} (${step + 1})`,
        )
      seen.add(value)
    }
  }
  await page.close()
  return took
}

try {
  console.log(
    `load ${loadavg()
      .map((one) => one.toFixed(1))
      .join(' ')}`,
  )
  const { rows, written, grown, took: ms } = await exportCost(activity, 100_000)
  const mb = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`
  console.log(
    `export: ${rows} rows, ${mb(written)}, in ${(ms / 1000).toFixed(1)} s; at most + ${mb(grown)} of memory`,
  )
  const took = await filters()
  for (const what of ['clock', 'processor'] as const) {
    const sorted = took.map((one) => one[what]).sort((a, b) => a - b)
    const at = (part: number) => `${sorted[Math.ceil(sorted.length * part) - 1]!.toFixed(0)} ms`
    console.log(`${took.length} filters, by the ${what}: median ${at(0.5)}, p95 ${at(0.95)}, most ${at(1)}`)
  }
  console.log(
    `load ${loadavg()
      .map((one) => one.toFixed(1))
      .join(' ')}`,
  )
} finally {
  await browser.close()
  await running.stop()
  activity.stop()
  db.close()
  rmSync(dataDir, { recursive: true, force: true })
}
