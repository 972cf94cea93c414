import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, chromium } from '@playwright/test'

let open: { context: BrowserContext; profile: string } | undefined

/** Starts Chromium, reachable for the test's own Playwright as well. Returns the address for `connectOverCDP`. */
export async function startBrowser(): Promise<string> {
  const profile = mkdtempSync(join(tmpdir(), 'drawbridge-standin-'))
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.DRAWBRIDGE_CHROMIUM ?? '/usr/bin/chromium',
    viewport: { width: 1080, height: 760 },
    handleSIGTERM: false,
    handleSIGINT: false,
    args: [
      '--remote-debugging-port=0',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
  open = { context, profile }
  const [port] = readFileSync(join(profile, 'DevToolsActivePort'), 'utf8').split('\n')
  return `http://127.0.0.1:${port}`
}

export function browserContext(): BrowserContext {
  if (open === undefined) throw new Error('A window was opened before the browser started.')
  return open.context
}

export async function closeBrowser(): Promise<void> {
  const closing = open
  open = undefined
  if (closing === undefined) return
  await closing.context.close().catch(() => {})
  rmSync(closing.profile, { recursive: true, force: true })
}
