/**
 * Pictures of every page and dialog, light and dark, wide and narrow, for looking at:
 *
 *   node renderer/testing/shots.ts --dir out/renderer --to <folder> [--only <parts of names, with commas>]
 *     [--locale en-XA] [--narrow <pixels>]
 *
 * Ends with an error if a page breaks the content security policy, throws, or scrolls sideways.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { chromium, type Page } from '@playwright/test'
import { chooseLocale } from '../../locales/say.ts'
import { chromiumOptions } from '../../scripts/chromium.mjs'
import { serveFakeHost } from './fake-host-server.ts'
import { inEnglish } from './in-english.ts'
import { SHOTS } from './shot-list.ts'

const { values } = parseArgs({
  options: {
    dir: { type: 'string' },
    to: { type: 'string' },
    only: { type: 'string' },
    locale: { type: 'string', default: 'en' },
    narrow: { type: 'string', default: '420' },
  },
})
// What the fake host says by code is said in it too.
chooseLocale(values.locale)
const parts = values.only?.split(',') ?? ['']
const wanted = (name: string) => parts.some((part) => name.includes(part))
const to = values.to ?? 'shots'
mkdirSync(to, { recursive: true })
const host = await serveFakeHost({ dir: values.dir ?? 'out/renderer' })
const browser = await chromium.launch(chromiumOptions)
const problems: string[] = []

async function take(name: string, page: Page) {
  await page.screenshot({ path: join(to, `${name}.png`) })
  const sideways = await page.evaluate(
    () =>
      document.documentElement.scrollWidth > innerWidth ||
      document.querySelector('main')!.scrollWidth > innerWidth,
  )
  if (sideways) problems.push(`${name}: scrolls sideways`)
}

const SIZES = { wide: { width: 1280, height: 800 }, narrow: { width: Number(values.narrow), height: 800 } }

/** The same page in both colours. */
async function takeBoth(name: string, size: string, page: Page) {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await take(`${name}-${colorScheme}-${size}`, page)
  }
}

for (const [size, viewport] of Object.entries(SIZES)) {
  const context = await browser.newContext({ viewport, reducedMotion: 'reduce' })
  for (const { name, scene, path, act } of SHOTS.filter((one) => wanted(one.name))) {
    host.mode = 'normal'
    host.show(scene)
    const page = await context.newPage()
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning')
        problems.push(`${name} ${size}: ${message.text()}`)
    })
    page.on('pageerror', (error) => problems.push(`${name} ${size}: ${error.message}`))
    try {
      await page.goto(`${host.url}?locale=${values.locale}#${path}`)
      await page.locator('main h1, main h2').first().waitFor({ state: 'attached' })
      await page.waitForTimeout(250)
      await act?.(values.locale === 'en' ? page : inEnglish(page))
      await page.waitForTimeout(350)
      await takeBoth(name, size, page)
    } catch (error) {
      problems.push(`${name} ${size}: ${String(error)}`)
      await page.screenshot({ path: join(to, `${name}-${size}-broken.png`) })
    }
    await page.close()
  }
  if (wanted('link-lost-signed-out')) {
    host.show('busy')
    const page = await context.newPage()
    const asked = values.locale === 'en' ? page : inEnglish(page)
    await page.goto(`${host.url}?locale=${values.locale}`)
    await asked.getByText('The bridge is down').first().waitFor({ state: 'attached' })
    host.mode = 'drop'
    host.cutStreams()
    await asked.getByText('Connection to Drawbridge lost').waitFor()
    await takeBoth('link-lost', size, page)
    host.mode = 'refuse'
    await asked.getByText('Open the link').waitFor()
    await takeBoth('link-signed-out', size, page)
    await page.close()
  }
  await context.close()
}
await browser.close()
await host.close()
for (const problem of new Set(problems)) console.error(problem)
console.log(`${problems.length} problems`)
process.exitCode = problems.length > 0 ? 1 : 0
