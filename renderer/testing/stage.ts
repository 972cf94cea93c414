/** The built pages under the real policy, in a real browser, against the scripted host: for the checks beside this file. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Browser, chromium, type Page } from '@playwright/test'
import react from '@vitejs/plugin-react'
import { build } from 'vite'
import { afterAll, afterEach, beforeAll, beforeEach, expect, vi } from 'vitest'
import { headlessShellOptions } from '../../scripts/chromium.mjs'
import { isBuilt } from '../../scripts/prepare.mjs'
import { type FakeHostServer, serveFakeHost } from './fake-host-server.ts'
import type { Scene } from './scenes.ts'

/** A busy machine may need a while. */
export const soon = <T>(check: () => T) => vi.waitFor(check, 10_000)

export interface Stage {
  readonly host: FakeHostServer
  /** A new one for each check. */
  readonly page: Page
  show(scene: Scene, path?: string): Promise<void>
  button(name: string | RegExp): ReturnType<Page['getByRole']>
  /** What a command was called with, oldest first. */
  commands(name: string): unknown[]
  /** The words on what has the focus. */
  focused(): Promise<string | null | undefined>
}

const built = resolve(import.meta.dirname, '../../out/renderer')

/** What was changed since the last build is what is looked at. */
async function buildAnew(): Promise<string> {
  const outDir = await mkdtemp(join(tmpdir(), 'drawbridge-renderer-'))
  await build({
    configFile: false,
    logLevel: 'error',
    root: resolve(import.meta.dirname, '..'),
    base: './',
    plugins: [react()],
    build: { outDir, emptyOutDir: true, chunkSizeWarningLimit: 2_000 },
  })
  return outDir
}

/** Sets the stage up around the checks of the suite it is called in. Complaints on the page's console fail a check. */
export function useStage(): Stage {
  let dir: string
  let host: FakeHostServer
  let browser: Browser
  let page: Page
  let complaints: string[]
  vi.setConfig({ testTimeout: 60_000 })

  beforeAll(async () => {
    dir = isBuilt() ? built : await buildAnew()
    host = await serveFakeHost({ dir })
    browser = await chromium.launch(headlessShellOptions)
  }, 90_000)
  afterAll(async () => {
    await browser?.close()
    await host?.close()
    if (dir !== built) await rm(dir, { recursive: true, force: true })
  })
  beforeEach(async () => {
    complaints = []
    page = await browser.newPage({ viewport: { width: 1100, height: 760 } })
    page.setDefaultTimeout(15_000)
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(error.message))
  })
  afterEach(async () => {
    await page.close()
    expect(complaints).toEqual([])
  })

  return {
    get host() {
      return host
    },
    get page() {
      return page
    },
    show: async (scene, path = '/') => {
      host.show(scene)
      // Otherwise only the part after # changes, and the page stays.
      await page.goto('about:blank')
      await page.goto(`${host.url}#${path}`)
      await page.locator('main h1').first().waitFor({ state: 'attached' })
    },
    button: (name) => page.getByRole('button', { name, exact: typeof name === 'string' }),
    commands: (name) => host.called.filter((one) => one.name === name).map((one) => one.input),
    focused: () => page.evaluate(() => document.activeElement?.textContent),
  }
}
