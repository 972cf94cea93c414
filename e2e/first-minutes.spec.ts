import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, expect, type Locator, type Page, test } from '@playwright/test'
import type { Fixture } from '../src/connectors/testing/fixture.ts'
import { startFixtureStripe } from '../src/connectors/testing/fixture-stripe.ts'
import { type Assistant, type Browser, connectAssistant } from './fixtures/assistant.ts'
import { type RunningHost, startHost } from './fixtures/host.ts'
import { type LocaltunnelServer, startLocaltunnelServer } from './fixtures/localtunnel.ts'

/**
 * The first five minutes of somebody who just installed Drawbridge, by what can be read on the pages and by nothing else: a folder, an
 * assistant, the first answer with its source; then a payment service, with a wrong key and the right one. Each click is counted.
 */
test.describe.configure({ mode: 'serial' })

let home: string
let tunnelServer: LocaltunnelServer
let stripe: Fixture
let host: RunningHost
let ui: Page
let elsewhere: BrowserContext
let chatgpt: Assistant

test.beforeAll(async ({ browser }) => {
  home = mkdtempSync(join(tmpdir(), 'drawbridge-home-'))
  const documents = join(home, 'Documents')
  mkdirSync(join(documents, 'Trips'), { recursive: true })
  mkdirSync(join(home, 'Pictures'))
  writeFileSync(
    join(documents, 'Trips', 'Ferry.md'),
    '# Ferry to Föhr\n\nThe ferry leaves Dagebüll at 9:40.\n',
  )
  writeFileSync(join(documents, 'Bread.txt'), 'Rye bread: 500 g of flour, and a night of rest.\n')
  writeFileSync(join(documents, '.env'), 'SECRET=1\n')
  ;[tunnelServer, stripe] = await Promise.all([
    startLocaltunnelServer(),
    startFixtureStripe({ subscriptions: [], transactions: [], tiers: {} }),
  ])
  host = await startHost({
    tunnelHost: tunnelServer.host,
    env: { HOME: home, DRAWBRIDGE_STRIPE_URL: stripe.url },
  })
  const context = await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'] })
  ui = await context.newPage()
  elsewhere = await browser.newContext()
  await ui.goto(host.ui)
})
test.afterAll(async () => {
  await ui?.context().close()
  await elsewhere?.close()
  await host?.stop()
  await stripe?.close()
  await tunnelServer?.stop()
})

let clicks: string[] = []
async function click(what: Locator): Promise<void> {
  clicks.push((await what.getAttribute('aria-label')) ?? (await what.innerText()))
  await what.click()
}
/** Prints them, and begins anew. */
function counted(journey: string): number {
  const all = clicks
  clicks = []
  console.log(`${journey}: ${all.length} clicks (${all.join(' → ')})`)
  return all.length
}
const button = (name: string | RegExp) => ui.getByRole('button', { name, exact: typeof name === 'string' })
const clipboard = () => ui.evaluate<string>('navigator.clipboard.readText()')
const shot = async (name: string) => {
  const folder = process.env.DRAWBRIDGE_SHOTS
  if (!folder) return
  const look = async (kind: string) => {
    expect(await ui.evaluate('document.documentElement.scrollWidth > innerWidth'), name).toBe(false)
    await ui.screenshot({ path: `${folder}/first-${name}-${kind}.png`, fullPage: true })
  }
  const wide = ui.viewportSize()!
  await look('wide')
  await ui.setViewportSize({ width: 360, height: 740 })
  await look('narrow')
  await ui.emulateMedia({ colorScheme: 'dark' })
  await look('dark')
  await ui.emulateMedia({ colorScheme: 'light' })
  await ui.setViewportSize(wide)
}

/** The browser that the assistant opened, and the user in front of both: reads the digits there, types them here. */
const byHand: Browser = async (authorizeUrl, redirect) => {
  const page = await elsewhere.newPage()
  const arrived = new Promise<URL>((done) => {
    void page.route(
      (url) => url.href.startsWith(redirect),
      (route) => {
        done(new URL(route.request().url()))
        return route.fulfill({ contentType: 'text/html', body: '<p>Connected.</p>' })
      },
    )
  })
  await page.goto(authorizeUrl.href)
  const digits = (await page.getByText(/^\d{3}$/).innerText()).trim()
  const dialog = ui.getByRole('alertdialog')
  await expect(dialog).toContainText('ChatGPT')
  await shot('let-in')
  // They go where the focus is.
  await ui.keyboard.type(digits)
  await click(dialog.getByRole('button', { name: 'Let it in' }))
  await expect(dialog).toBeHidden()
  const back = await arrived
  await page.close()
  return back
}

test('a folder is picked on the first page', async () => {
  await expect(ui.getByRole('heading', { name: 'Let assistants read a folder of yours' })).toBeVisible()
  await shot('home')
  await click(button('Add a folder'))
  await expect(ui.getByRole('list', { name: 'Folders in here' })).toContainText('Pictures')
  await click(button('Documents'))
  await expect(ui.getByRole('list', { name: 'Folders in here' })).toContainText('Trips')
  await shot('folder')
  await click(button('Add this folder'))
  await expect(button('Add this folder')).toBeHidden()
  await expect(ui.getByRole('heading', { name: 'Let assistants read a folder of yours' })).toBeHidden()
  expect(counted('Pick a folder')).toBe(3)
})

test('the address is opened, copied, and pasted into the assistant; it is let in', async () => {
  await click(button('Connect to ChatGPT'))
  await expect(ui.getByText(/Ready for .* more minutes/)).toBeVisible()
  await expect(ui.getByRole('img', { name: 'Done: step 1' })).toBeVisible()
  await click(button('Copy Your address'))
  const address = await clipboard()
  expect(address).toMatch(/\/mcp$/)
  await shot('connect')
  await ui.getByText('Does the form ask for more?').click()
  await expect(button('Copy Authorization endpoint')).toBeVisible()
  await shot('connect-fields')
  await ui.getByText('Does the form ask for more?').click()
  const registration = {
    kind: 'metadata-document',
    clientId: 'https://chatgpt.com/oauth/client.json',
    redirect: 'https://chatgpt.com/connector_platform_oauth_redirect',
  } as const
  chatgpt = await connectAssistant(address, registration, byHand, tunnelServer.fetch)
  expect(counted('Connect an assistant')).toBe(3)
})

test('the page says what to ask, and the first answer names its source', async () => {
  await expect(ui.getByText('You’re in. Now ask ChatGPT this:')).toBeVisible()
  await shot('inside')
  await click(button('Copy Say this to ChatGPT'))
  expect(await clipboard()).toBe('Use Drawbridge to show me the newest documents in my folder Documents')
  expect(counted('Copy the first question')).toBe(1)

  // What an assistant makes of that question, and of the next one.
  const mcp = await chatgpt.mcp('probe')
  const newest = await mcp.callTool({ name: 'recent_documents', arguments: { folder: 'Documents' } })
  const titles = (newest.structuredContent as { results: { title: string; url: string }[] }).results
  // A text without a title has its first line for one.
  expect(titles.map(({ title }) => title.slice(0, 13)).sort()).toEqual(['Ferry to Föhr', 'Rye bread: 50'])
  const found = await mcp.callTool({ name: 'search', arguments: { query: 'When does the ferry leave?' } })
  const [first] = (found.structuredContent as { results: { id: string }[] }).results
  const answer = await mcp.callTool({ name: 'fetch', arguments: { id: first!.id } })
  expect(answer.structuredContent).toMatchObject({
    title: 'Ferry to Föhr',
    text: expect.stringContaining('leaves Dagebüll at 9:40'),
    url: expect.stringContaining('Ferry.md'),
    metadata: { folder: 'Documents', path: 'Trips/Ferry.md' },
  })
  await mcp.close()

  await expect(ui.getByText('Connected. ChatGPT can use your tools.')).toBeVisible()
  await shot('connected')
  await ui.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Activity' }).click()
  await expect(
    ui
      .getByText('Fetch a document')
      .or(ui.getByText('fetch', { exact: true }))
      .first(),
  ).toBeVisible()
  await shot('activity')
})

test('a payment service: a wrong key is said where it was typed, and the right one works', async () => {
  await click(ui.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Tools' }))
  await expect(ui.getByRole('heading', { name: 'Your folders' })).toBeVisible()
  await shot('tools')
  await click(button('Set up Stripe'))
  await expect(ui.getByLabel('Restricted key')).toBeFocused()
  await ui.keyboard.type('rk_live_wrong')
  await click(button('Save'))
  // Messages that come meanwhile are dialogs to a screen reader, too.
  const form = ui.getByRole('dialog').filter({ has: ui.getByLabel('Restricted key') })
  await expect(form).toContainText('Stripe does not accept the key it was shown.')
  await expect(form).toContainText('Correct it here')
  await shot('stripe-wrong')
  await ui.getByLabel('Restricted key').fill('rk_live_right')
  await click(button('Save'))
  await expect(ui.getByText('It works: Stripe lets the key read').first()).toBeVisible()
  await expect(form).toBeHidden()
  await shot('stripe-right')
  expect(counted('Add Stripe, with a wrong key first')).toBe(4)
  const accounts = await host.json<{ slug: string; accounts: unknown[] }[]>('connector', 'list')
  expect(accounts.find(({ slug }) => slug === 'stripe')?.accounts).toHaveLength(1)
})
