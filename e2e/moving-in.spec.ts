import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, type BrowserContext, expect, type Locator, type Page, test } from '@playwright/test'
import { type Assistant, connectAssistant } from './fixtures/assistant.ts'
import { type FixtureServices, startFixtureServices } from './fixtures/fixture-services.ts'
import { type RunningHost, startHost } from './fixtures/host.ts'
import { type LocaltunnelServer, startLocaltunnelServer } from './fixtures/localtunnel.ts'
import { userInBrowser } from './fixtures/people.ts'

/**
 * From one computer to another, by what can be read on the screens: a backup here, restored there, the address taken along, and
 * later an address of its own for the first one. An independent OAuth and MCP client comes through a real localtunnel server all the
 * while. What the user presses and fills in is counted, and must not become more.
 */
test.describe.configure({ mode: 'serial', timeout: 240_000 })

const passphrase = 'three words and more'
const claude = {
  kind: 'metadata-document',
  clientId: 'https://claude.ai/oauth/mcp-oauth-client-metadata',
  redirect: 'https://claude.ai/api/mcp/auth_callback',
} as const
const listTools = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }

/** The user's: what they press, and what they fill in. */
class Hands {
  presses = 0
  fields = 0

  async press(what: Locator): Promise<void> {
    this.presses += 1
    await what.click()
  }

  async fill(what: Locator, text: string): Promise<void> {
    this.fields += 1
    await what.fill(text)
  }

  took(what: string): [number, number] {
    const words = `${what}: ${this.presses} presses, ${this.fields} fields`
    test.info().annotations.push({ type: 'counted', description: words })
    console.log(words)
    return [this.presses, this.fields]
  }
}

let service: LocaltunnelServer
let services: FixtureServices
let root: string
let file: string
let old: RunningHost
let young: RunningHost
let oldPage: Page
let youngPage: Page
let elsewhere: BrowserContext
let address: string
let assistant: Assistant

const serve = (name: string) =>
  startHost({ tunnelHost: service.host, servicesUrl: services.url, dataDir: join(root, name) })
const open = async (browser: Browser, link: string): Promise<Page> => {
  const page = await (await browser.newContext({ acceptDownloads: true })).newPage()
  await page.goto(link)
  return page
}
const go = (hands: Hands, page: Page, name: string) =>
  hands.press(page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name }))
const bridgeOf = async (host: RunningHost) =>
  (await host.json<{ bridge: { state: string; publicUrl: string | null } }>('status')).bridge

test.beforeAll(async ({ browser }) => {
  root = mkdtempSync(join(tmpdir(), 'drawbridge-moving-in-'))
  file = join(root, 'home.drawbridge-backup')
  ;[service, services] = await Promise.all([startLocaltunnelServer(), startFixtureServices()])
  old = await serve('old')
  oldPage = await open(browser, old.ui)
  elsewhere = await browser.newContext()
  await oldPage.getByRole('button', { name: 'Claude', exact: true }).click()
  await expect.poll(async () => (await bridgeOf(old)).state).toBe('open')
  address = (await bridgeOf(old)).publicUrl!
  assistant = await connectAssistant(
    address,
    claude,
    userInBrowser(oldPage, elsewhere, { name: 'Claude' }),
    service.fetch,
  )
  expect((await assistant.post(listTools)).status).toBe(200)
})
test.afterAll(async () => {
  for (const page of [oldPage, youngPage]) await page?.context().close()
  await elsewhere?.close()
  await young?.stop()
  await old?.stop()
  await services?.close()
  await service?.stop()
  rmSync(root, { recursive: true, force: true })
})

test('everything is saved in one file', async () => {
  const hands = new Hands()
  await go(hands, oldPage, 'Settings')
  await hands.press(oldPage.getByRole('button', { name: 'Make a backup' }))
  const dialog = oldPage.getByRole('dialog')
  await hands.fill(dialog.getByLabel('Passphrase', { exact: true }), passphrase)
  await hands.fill(dialog.getByLabel('The same passphrase again'), passphrase)
  const saved = oldPage.waitForEvent('download')
  await hands.press(dialog.getByRole('button', { name: 'Make a backup' }))
  await (await saved).saveAs(file)
  expect(readFileSync(file, 'latin1')).not.toContain('claude.ai')
  expect(hands.took('a backup')).toEqual([3, 2])
})

test('the new computer has everything, and says that the address is still in use', async ({ browser }) => {
  young = await serve('young')
  youngPage = await open(browser, young.ui)
  const hands = new Hands()
  await go(hands, youngPage, 'Settings')
  await hands.press(youngPage.getByRole('button', { name: 'Restore a backup' }))
  const dialog = youngPage.getByRole('dialog')
  hands.fields += 1
  await dialog.getByLabel('The file with the backup').setInputFiles(file)
  await hands.fill(dialog.getByLabel('Passphrase', { exact: true }), passphrase)
  await hands.press(dialog.getByRole('button', { name: 'Open it' }))
  const question = youngPage.getByRole('alertdialog')
  await expect(question).toContainText(new URL(address).origin)
  await hands.press(question.getByRole('button', { name: 'Replace everything' }))
  await expect(youngPage.getByText('The backup is ready')).toBeVisible()
  // In a browser there is a link to follow; the app shows its window again by itself.
  const links = () =>
    young
      .output()
      .split('\n')
      .filter((line) => line.includes('"ready"'))
  await expect.poll(() => links().length, { timeout: 30_000 }).toBe(2)
  hands.presses += 1
  await youngPage.goto((JSON.parse(links()[1]!) as { ui: string }).ui)
  await expect(youngPage.getByText('Your address is in use elsewhere').first()).toBeVisible({
    timeout: 30_000,
  })
  await expect(youngPage.getByText('Everything was restored', { exact: false }).first()).toBeVisible()
  expect(hands.took('restored on another computer')).toEqual([5, 2])
  // Nobody has noticed.
  expect((await assistant.post(listTools)).status).toBe(200)
  expect((await bridgeOf(old)).state).toBe('open')
})

test('the address goes along, and the assistant goes on without a new sign-in', async () => {
  const hands = new Hands()
  // "Quit" in the tray of the old one.
  hands.presses += 1
  await old.stop()
  await hands.press(youngPage.getByRole('button', { name: 'Use it here' }))
  await expect.poll(async () => (await bridgeOf(young)).state, { timeout: 60_000 }).toBe('open')
  expect((await bridgeOf(young)).publicUrl).toBe(address)
  await expect
    .poll(async () => (await assistant.post(listTools).catch(() => null))?.status, { timeout: 20_000 })
    .toBe(200)
  await assistant.refresh(service.fetch)
  const client = await assistant.mcp('modern')
  const downloads = await client.callTool({
    name: 'get_npm_downloads',
    arguments: { package: 'react', range: 'last-week' },
  })
  expect(downloads.isError ?? false).toBe(false)
  await client.close()
  await expect(youngPage.getByRole('alertdialog')).toBeHidden()
  await youngPage.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Access' }).click()
  await expect(youngPage.getByText('Claude', { exact: false }).first()).toBeVisible()
  expect(hands.took('the address taken along')).toEqual([2, 0])
})

test('the old computer gets an address of its own, and the assistant is led to it', async ({ browser }) => {
  old = await serve('old')
  oldPage = await open(browser, old.ui)
  const hands = new Hands()
  // Its name is taken; half a minute passes before that is said.
  await hands.press(oldPage.getByRole('button', { name: 'Use a new address' }))
  await hands.press(oldPage.getByRole('alertdialog').getByRole('button', { name: 'Use a new address' }))
  await expect.poll(async () => (await bridgeOf(old)).state, { timeout: 60_000 }).toBe('open')
  const next = (await bridgeOf(old)).publicUrl!
  expect(next).not.toBe(address)
  await hands.press(oldPage.getByRole('link', { name: 'Show me how' }))
  await expect(oldPage.getByText('Knows only the old address')).toBeVisible()
  await expect(oldPage.locator(`input[value="${next}"]`).or(oldPage.getByText(next)).first()).toBeVisible()
  await hands.press(oldPage.getByRole('link', { name: 'Let it back in' }))
  await hands.press(oldPage.getByRole('button', { name: 'Connect', exact: true }))
  await expect(oldPage.getByText('Ready for', { exact: false })).toBeVisible()
  const person = userInBrowser(oldPage, elsewhere, { name: 'Claude' })
  const moved = await connectAssistant(
    next,
    claude,
    async (...asked) => {
      // Three digits, and "Let it in".
      hands.presses += 1
      hands.fields += 1
      return person(...asked)
    },
    service.fetch,
  )
  expect((await moved.post(listTools)).status).toBe(200)
  await oldPage.goto(`${new URL(old.ui).origin}/#/moved`)
  await expect(oldPage.getByText('Everybody is back. There is nothing left to do.')).toBeVisible()
  expect(hands.took('moved to another address')).toEqual([6, 1])
  // Each has its own now.
  expect((await assistant.post(listTools)).status).toBe(200)
})
