/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, type Page, test } from '@playwright/test'
import { stretched } from '../locales/pseudo.ts'
import { inEnglish } from '../renderer/testing/in-english.ts'
import { type RunningHost, startHost } from './fixtures/host.ts'
import { type LocaltunnelServer, startLocaltunnelServer } from './fixtures/localtunnel.ts'

/**
 * Every page of a real host in the pseudo-locale, wide and narrow: nothing on it is untranslated, and nothing of it is cut. With
 * `DRAWBRIDGE_SHOTS=<folder>` a picture of each.
 */
test.describe.configure({ mode: 'default' })

/** Not translated: names, what is typed or copied as it stands, and what tools say of themselves, which assistants read, or OAuth to makers of apps. */
const NAMES =
  /\b(?:Drawbridge|ChatGPT|Claude|OpenAI|GitHub|Tailscale|Cloudflare|localtunnel|ngrok|Documents|Pictures|Trips|Notebook|Planner|Revenue|get_revenue|invalid_target: this resource is not served here, only|example|deployment|environment, version)\b|(?:https?:\/)?\/\S+/g

let tunnelServer: LocaltunnelServer
let host: RunningHost
let page: Page
/** The same page, whose words are asked for in English. */
let ui: Page
/** What tools, prompts and resources say of themselves, and names of services. */
const asTold = new Set<string>()

test.beforeAll(async ({ browser }) => {
  const home = mkdtempSync(join(tmpdir(), 'drawbridge-home-'))
  mkdirSync(join(home, 'Documents', 'Trips'), { recursive: true })
  mkdirSync(join(home, 'Pictures'))
  writeFileSync(join(home, 'Documents', 'Trips', 'Ferry.md'), '# Ferry\n')
  tunnelServer = await startLocaltunnelServer()
  host = await startHost({ tunnelHost: tunnelServer.host, env: { HOME: home, DRAWBRIDGE_LOCALE: 'en-XA' } })
  page = await browser.newPage({ reducedMotion: 'reduce' })
  page.on('response', async (response) => {
    const told = /call\/(tools|connectors)\.(?:list|offers)$/.exec(response.url())
    const { value } = told ? await response.json().catch(() => ({})) : {}
    if (told) keepTexts(value, told[1] === 'connectors')
  })
  page.setDefaultTimeout(30_000)
  ui = inEnglish(page)
  await page.goto(host.ui)
  await expect(ui.getByRole('heading', { name: 'Open for this computer only' })).toBeVisible()
})
test.afterAll(async () => {
  await page?.close()
  await host?.stop()
  await tunnelServer?.stop()
})

/** All texts in what the host answered, or those that are names. */
function keepTexts(value: unknown, namesOnly: boolean, key?: string): void {
  if (typeof value === 'string' && (!namesOnly || key === 'name')) asTold.add(value)
  if (typeof value !== 'object' || value === null) return
  for (const [name, inner] of Object.entries(value)) keepTexts(inner, namesOnly, name)
}
const isAsTold = (text: string) =>
  asTold.has(text) || [...asTold].some((whole) => text.endsWith('…') && whole.startsWith(text.slice(0, -1)))

/** Words without an accent that nobody would read in another language, and words of which a part is out of sight. */
async function faults(shown: Page): Promise<string[]> {
  const found = await shown.evaluate(() => {
    const seen = (element: Element) =>
      element.checkVisibility({ opacityProperty: true, visibilityProperty: true })
    const dialogs = document.querySelectorAll('[role=dialog], [role=alertdialog]')
    const roots = dialogs.length > 0 ? [...dialogs] : [document.body]
    const texts: string[] = []
    const cut: string[] = []
    for (const root of roots) {
      const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
      for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
        const parent = node.parentElement!
        const text = node.textContent!.trim()
        if (text === '' || !seen(parent) || parent.closest('code, pre, kbd, script, style')) continue
        texts.push(text)
        const { overflowX, textOverflow } = getComputedStyle(parent)
        const isSaid = parent.closest('[title]') !== null
        if (
          overflowX === 'hidden' &&
          textOverflow === 'ellipsis' &&
          parent.scrollWidth > parent.clientWidth + 1
        )
          if (!isSaid) cut.push(text)
      }
      for (const button of root.querySelectorAll('button, a'))
        if (
          seen(button) &&
          button.scrollWidth > button.clientWidth + 1 &&
          getComputedStyle(button).display !== 'inline'
        )
          cut.push(button.textContent ?? '')
    }
    const { scrollWidth } = document.documentElement
    return { texts, cut, isWide: scrollWidth > innerWidth }
  })
  const untranslated = found.texts.filter(
    (text) => /(?<![\p{L}\d])[A-Za-z]{4,}(?![\p{L}\d])/u.test(text.replace(NAMES, '')) && !isAsTold(text),
  )
  return [
    ...untranslated.map((text) => `untranslated: ${text}`),
    ...found.cut.map((text) => `cut: ${text}`),
    ...(found.isWide ? ['scrolls sideways'] : []),
  ]
}

const soft = expect.configure({ soft: true, timeout: 10_000 })

/** Looked at in both widths. */
async function look(name: string, shown = page): Promise<void> {
  const folder = process.env.DRAWBRIDGE_SHOTS
  for (const [size, width] of [
    ['wide', 1280],
    ['narrow', 420],
  ] as const) {
    await shown.setViewportSize({ width, height: 800 })
    // What was just asked for may still come.
    await soft.poll(() => faults(shown), { message: `${name}, ${size}` }).toEqual([])
    if (folder) await shown.screenshot({ path: join(folder, `xa-${name}-${size}.png`) })
  }
  await shown.setViewportSize({ width: 1280, height: 800 })
}

const press = (name: string | RegExp) => ui.getByRole('button', { name }).first().click()
const go = async (path: string) => {
  await page.evaluate((to) => {
    location.hash = to
  }, path)
  await page.locator('main h1').first().waitFor()
  await settled()
}
const settled = () => expect(page.getByText(stretched('One moment…'))).toHaveCount(0)
/** A dialog that a button of a page opens. */
const dialog = async (button: string, then?: () => Promise<unknown>) => {
  await press(button)
  await page.getByRole('dialog').or(page.getByRole('alertdialog')).first().waitFor()
  await then?.()
  await look(button.replaceAll(/\W+/g, '-').toLowerCase())
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog').or(page.getByRole('alertdialog'))).toHaveCount(0)
}

test('before anybody is let in', async () => {
  test.setTimeout(300_000)
  await look('home')
  for (const path of [
    'access',
    'activity',
    'activity/diary',
    'activity/usage',
    'timeline',
    'moved',
    'nowhere',
  ]) {
    await page.evaluate((to) => {
      location.hash = `/${to}`
    }, path)
    await page.locator('main h1, main h2').first().waitFor()
    await settled()
    await look(path.replace('/', '-'))
  }
  await go('/tools')
  await look('tools')
  await press(/Tools of .*/)
  await dialog('Add a server')
  await dialog('Add a folder')
  await dialog('Add a workspace')
  for (const name of ['Stripe', 'Plausible', 'Netlify', 'Sentry', 'UptimeRobot', 'GitHub', 'npm', 'Mail'])
    await dialog(`Set up ${name}`)
})

test('settings', async () => {
  test.setTimeout(300_000)
  await go('/settings')
  await look('settings')
  await dialog('Change the way…')
  await dialog('Make a backup')
  await dialog('Restore a backup')
  await dialog('Rotate signing keys')
  await go('/access')
  await dialog('Create a key')
  await dialog('Register an app')
  await go('/timeline')
  await dialog('Choose a file…')
})

test('an assistant comes: its steps, what its browser shows, and the question', async ({ browser }) => {
  test.setTimeout(120_000)
  const local = new URL(host.mcp).origin
  const redirect = 'http://127.0.0.1:9/callback'
  await go('/')
  await press('Another app')
  await expect(ui.getByText(/Ready for .* more minutes/)).toBeVisible()
  await look('connect')
  const registered = await fetch(`${local}/oauth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      client_name: 'Notebook',
      redirect_uris: [redirect],
      token_endpoint_auth_method: 'none',
    }),
  })
  const { client_id } = (await registered.json()) as { client_id: string }
  const authorize = (resource: string) =>
    `${local}/oauth/authorize?${new URLSearchParams({
      ...{ response_type: 'code', client_id, redirect_uri: redirect, scope: 'mcp:use', resource },
      ...{ state: 's', code_challenge_method: 'S256' },
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    })}`
  const elsewhere = await browser.newPage()
  await elsewhere.goto(authorize(`${local}/mcp`))
  await expect(elsewhere.getByText(/^\d{3}$/)).toBeVisible()
  await look('public-digits', elsewhere)
  await expect(page.getByRole('alertdialog')).toBeVisible()
  await look('let-in')
  await press('Decline')
  await expect(page.getByRole('alertdialog')).toBeHidden()
  await elsewhere.close()
  const again = await browser.newPage()
  await again.goto(authorize('https://elsewhere.example/mcp'))
  await look('public-problem', again)
  await again.close()
})

test('with a key, and what was called with it', async () => {
  test.setTimeout(120_000)
  const token = (await host.cli('key', 'create', '--name', 'Planner')).stdout.trim()
  const called = await fetch(host.mcp, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      authorization: `Bearer ${token}`,
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'get_revenue', arguments: {} },
    }),
  })
  expect(called.status).toBe(200)
  for (const path of ['', 'access', 'activity', 'activity/diary', 'activity/usage', 'doctor']) {
    await go(`/${path}`)
    await look(`used-${path.replace('/', '-')}`)
  }
  await go('/access')
  await dialog('Details of Planner')
  await dialog('Revoke Planner')
  await go('/')
  await dialog('End all access…')
  await press('Raise the bridge')
  await expect(ui.getByRole('heading', { name: 'The bridge is raised' })).toBeVisible()
  await look('raised')
})
