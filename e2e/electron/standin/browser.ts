import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrowserContext } from '@playwright/test'
import { chromiumOptions } from '../../../scripts/chromium.mjs'
import { report } from './records.ts'

interface Open {
  context: BrowserContext
  profile: string
}

let open: Promise<Open> | undefined

/** Starts Chromium for the first window; the test is told how to reach it with a Playwright of its own. */
async function start(): Promise<Open> {
  // Loaded here, because an app that cannot start never gets this far.
  const { chromium } = await import('@playwright/test')
  const profile = mkdtempSync(join(tmpdir(), 'drawbridge-standin-'))
  const context = await chromium.launchPersistentContext(profile, {
    ...chromiumOptions,
    viewport: { width: 1080, height: 760 },
    handleSIGTERM: false,
    handleSIGINT: false,
    args: ['--remote-debugging-port=0', ...chromiumOptions.args],
  })
  const [port] = readFileSync(join(profile, 'DevToolsActivePort'), 'utf8').split('\n')
  report({ endpoint: `http://127.0.0.1:${port}` })
  return { context, profile }
}

export async function browserContext(): Promise<BrowserContext> {
  open ??= start()
  return (await open).context
}

export async function closeBrowser(): Promise<void> {
  const closing = await open?.catch(() => undefined)
  if (closing === undefined) return
  await closing.context.close().catch(() => {})
  rmSync(closing.profile, { recursive: true, force: true })
}
