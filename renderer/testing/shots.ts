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
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync'.split(
    ' ',
  ),
})
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

for (const colorScheme of ['light', 'dark'] as const) {
  for (const [size, viewport] of [
    ['wide', { width: 1100, height: 760 }],
    ['narrow', { width: Number(values.narrow), height: 760 }],
  ] as const) {
    const context = await browser.newContext({ colorScheme, viewport, reducedMotion: 'reduce' })
    for (const shot of SHOTS.filter((one) => wanted(one.name))) {
      const name = `${shot.name}-${colorScheme}-${size}`
      host.mode = 'normal'
      host.show(shot.scene)
      const page = await context.newPage()
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning')
          problems.push(`${name}: ${message.text()}`)
      })
      page.on('pageerror', (error) => problems.push(`${name}: ${error.message}`))
      try {
        // The router puts the page's own ? behind what follows the hash: the & keeps the last value there whole.
        const path = shot.path.includes('?') ? `${shot.path}&` : shot.path
        await page.goto(`${host.url}?locale=${values.locale}#${path}`)
        await page.locator('main h1, main h2').first().waitFor({ state: 'attached' })
        await page.waitForTimeout(250)
        await shot.act?.(values.locale === 'en' ? page : inEnglish(page))
        await page.waitForTimeout(350)
        await take(name, page)
      } catch (error) {
        problems.push(`${name}: ${String(error)}`)
        await page.screenshot({ path: join(to, `${name}-broken.png`) })
      }
      await page.close()
    }
    if (values.locale === 'en' && wanted('link-lost-signed-out')) {
      host.show('busy')
      const page = await context.newPage()
      await page.goto(host.url)
      await page.getByText('The bridge is down').first().waitFor({ state: 'attached' })
      host.mode = 'drop'
      host.cutStreams()
      await page.getByText('Connection to Drawbridge lost').waitFor()
      await take(`link-lost-${colorScheme}-${size}`, page)
      host.mode = 'refuse'
      await page.getByText('Open the link').waitFor()
      await take(`link-signed-out-${colorScheme}-${size}`, page).catch(() => {})
      await page.close()
    }
    await context.close()
  }
}
await browser.close()
await host.close()
for (const problem of new Set(problems)) console.error(problem)
console.log(`${problems.length} problems`)
process.exitCode = problems.length > 0 ? 1 : 0
