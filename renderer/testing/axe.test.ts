import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import { describe, expect, it } from 'vitest'
import { SHOTS } from './shot-list.ts'
import { useStage } from './stage.ts'

/** Into the page by the debugger: its policy lets in no scripts of others. */
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Contrast is the same everywhere; a page of each kind shows it in the dark. */
const DARK =
  /^(?:home-(?:needs|taken|raised)|connect-inside|server-(?:key|left-out|downloading)|pasted-several|dialog-connection|doctor-broken|settings-key-made)$/

describe('what axe finds serious or critical', () => {
  const stage = useStage()

  /** Also of a rule that is off by default: who speaks to a page says what is written on its buttons. */
  async function findings(): Promise<string[]> {
    const { page } = stage
    await page.evaluate(axe)
    const { violations } = await page.evaluate(() =>
      (globalThis as unknown as { axe: { run(options: object): Promise<AxeResults> } }).axe.run({
        rules: { 'label-content-name-mismatch': { enabled: true } },
        resultTypes: ['violations'],
      }),
    )
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`))
  }

  it.each(SHOTS.map((shot) => [shot.name, shot] as const))('%s', async (_name, shot) => {
    const { page, host } = stage
    await page.emulateMedia({ reducedMotion: 'reduce' })
    host.show(shot.scene)
    await page.goto(`${host.url}#${shot.path}`)
    await page.locator('main h1, main h2').first().waitFor({ state: 'attached' })
    await shot.act?.(page)
    await page.waitForTimeout(300)
    expect(await findings()).toEqual([])
    if (!DARK.test(shot.name)) return
    await page.emulateMedia({ colorScheme: 'dark' })
    await page.setViewportSize({ width: 420, height: 760 })
    expect(await findings(), 'dark and narrow').toEqual([])
  })
})
