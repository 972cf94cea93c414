import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Browser, chromium, type Page } from '@playwright/test'
import react from '@vitejs/plugin-react'
import { build } from 'vite'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { type FixtureHost, startFixtureHost } from './fixture-host.ts'
import { approval, call } from './samples.ts'
import type { Scene } from './scenes.ts'

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'
const FLAGS =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync'

/** A busy machine may need a while. */
const soon = <T>(check: () => T) => vi.waitFor(check, 10_000)
vi.setConfig({ testTimeout: 60_000 })

/** The built pages under the real policy, in a real browser, against the scripted host. */
describe('pages', () => {
  let dir: string
  let host: FixtureHost
  let browser: Browser
  let page: Page
  let complaints: string[]

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'drawbridge-renderer-'))
    await build({
      configFile: false,
      logLevel: 'error',
      root: resolve(import.meta.dirname, '..'),
      base: './',
      plugins: [react()],
      build: { outDir: dir, emptyOutDir: true, chunkSizeWarningLimit: 2_000 },
    })
    host = await startFixtureHost({ dir })
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS.split(' ') })
  }, 90_000)
  afterAll(async () => {
    await browser?.close()
    await host?.close()
    await rm(dir, { recursive: true, force: true })
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

  const show = async (scene: Scene, path = '/') => {
    host.show(scene)
    // Otherwise only the part after # changes, and the page stays.
    await page.goto('about:blank')
    await page.goto(`${host.url}#${path}`)
    await page.locator('main h1').first().waitFor({ state: 'attached' })
  }
  const button = (name: string | RegExp) =>
    page.getByRole('button', { name, exact: typeof name === 'string' })
  const commands = (name: string) => host.called.filter((one) => one.name === name).map((one) => one.input)
  const focused = () => page.evaluate(() => document.activeElement?.textContent)

  it('an approval: the refusal is focused, Esc refuses, nothing can be allowed by a double click', async () => {
    await show('approval')
    await page.getByRole('alertdialog').waitFor()
    await soon(async () => expect(await focused()).toBe('Don’t allow'))
    await page.keyboard.press('Escape')
    await soon(() => expect(commands('approvals.decide')).toEqual([{ id: 'a1', decision: 'deny' }]))
    await page.getByRole('alertdialog').waitFor({ state: 'detached' })

    host.world().approvals = [approval(Date.now(), { id: 'b1' })]
    host.tell('approvals.changed', host.world().approvals)
    await page.getByRole('alertdialog').waitFor()
    expect(await button('Allow once').isDisabled()).toBe(true)
    await button('Allow once').click()
    await soon(() => expect(commands('approvals.decide')[1]).toEqual({ id: 'b1', decision: 'once' }))
  })

  it('several requests are asked one by one, and counted in the title', async () => {
    await show('queue')
    await soon(async () => expect(await page.title()).toBe('(4) Drawbridge'))
    await page.getByText('3 more waiting after this').waitFor()
    await button('Decline').click()
    await page.getByText('2 more waiting after this').waitFor()
    await button('Don’t allow').click()
    await page.getByText('1 more waiting after this').waitFor()
    expect(commands('connections.deny')).toEqual([{ id: 'c1' }])
    expect(commands('approvals.decide')).toEqual([{ id: 'a1', decision: 'deny' }])
  })

  it('a connection: wrong digits are said in place, the right ones let in, Esc declines', async () => {
    await show('connection')
    const digits = page.getByLabel('Three digits')
    await soon(async () =>
      expect(await digits.evaluate((input) => input === document.activeElement)).toBe(true),
    )
    await button('Let it in').click()
    await page.getByText('Type all three digits first.').waitFor()
    expect(commands('connections.approve')).toEqual([])
    await digits.fill('9a9-9')
    await page.keyboard.press('Enter')
    await page.getByText('These are not the digits').waitFor()
    await page.getByText('Look only').click()
    await digits.fill('123')
    await page.keyboard.press('Enter')
    await page.getByRole('alertdialog').waitFor({ state: 'detached' })
    expect(commands('connections.approve')).toEqual([
      { id: 'c1', digits: '999', access: 'ask', tools: null },
      { id: 'c1', digits: '123', access: 'look', tools: null },
    ])

    await show('stranger')
    await page.getByText('This is not the address you were expecting.').waitFor()
    await soon(async () => expect(await focused()).toBe('Decline'))
    await page.keyboard.press('Escape')
    await soon(() => expect(commands('connections.deny')).toEqual([{ id: 'c1' }]))
  })

  it('raises and lowers the bridge', async () => {
    await show('busy')
    await button('Raise the bridge').click()
    await page.getByRole('heading', { name: 'The bridge is raised' }).waitFor()
    await button('Lower the bridge').click()
    await page.getByRole('heading', { name: 'The bridge is down' }).waitFor()
  })

  it('takes a switch back when the change could not be saved, and says why', async () => {
    await show('errors', '/tools')
    const toggle = page.getByRole('switch', { name: 'Read a file' })
    await toggle.click()
    await page.getByText('The change could not be saved.').first().waitFor()
    await soon(async () => expect(await toggle.getAttribute('aria-checked')).toBe('true'))
  })

  it('adds a server from a pasted line, showing what will run', async () => {
    await show('busy', '/tools')
    await button('Add a server').click()
    await page
      .getByRole('textbox', { name: 'Command' })
      .fill('npx -y @me/mcp-server-notes "/home/me/My Notes"')
    await page.getByRole('region', { name: 'Exactly what will run' }).getByText('/home/me/My Notes').waitFor()
    await button('Add and run it').click()
    await page.getByRole('heading', { name: /^notes/ }).waitFor()
    expect(commands('servers.add')).toEqual([
      {
        kind: 'stdio',
        name: 'notes',
        command: 'npx',
        args: ['-y', '@me/mcp-server-notes', '/home/me/My Notes'],
        env: {},
      },
    ])
  })

  it('shows a new key once', async () => {
    await show('busy', '/access')
    await button('Create a key').click()
    await page.getByRole('textbox', { name: 'Name' }).fill('Editor')
    await button('Create the key').click()
    await page.getByText('db_fixture_').waitFor()
    await button('I have copied it').click()
    await page.getByRole('heading', { name: /^Editor/ }).waitFor()
    expect(await page.getByText('db_fixture_').count()).toBe(0)
  })

  it('lists thousands of calls in few rows, live, and keeps the place of who reads further down', async () => {
    await show('many', '/activity')
    const rows = page.getByRole('option')
    await rows.first().waitFor()
    expect(await rows.count()).toBeLessThan(60)
    expect((await rows.first().boundingBox())?.height).toBe(32)

    const fresh = { ...call(Date.now(), 0), id: 'fresh-1', tool: 'brand_new', at: Date.now() }
    host.tell('activity.added', { ...fresh, outcome: 'running' })
    host.tell('activity.added', fresh)
    await page.getByText('brand_new').waitFor()
    expect(await page.getByText('brand_new').count()).toBe(1)

    const list = page.getByRole('listbox')
    await list.evaluate((element) => element.scrollTo(0, 3_200))
    const place = () =>
      list.evaluate((element) => {
        const { x, y } = element.getBoundingClientRect()
        return document.elementFromPoint(x + 300, y + 100)?.closest('[role=option]')?.id
      })
    await soon(async () => expect(await place()).toBeDefined())
    await page.waitForTimeout(200)
    const before = await place()
    for (let i = 2; i < 7; i++)
      host.tell('activity.added', { ...fresh, id: `fresh-${i}`, at: Date.now() + i })
    await page.waitForTimeout(400)
    expect(await place()).toBe(before)

    await list.focus()
    await page.keyboard.press('Home')
    await page.keyboard.press('ArrowDown')
    await page.getByRole('complementary', { name: 'The call in full' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('complementary', { name: 'The call in full' }).waitFor({ state: 'detached' })
  })

  it('shows text from outside as text', async () => {
    host.show('approval')
    host.world().approvals = [
      approval(Date.now(), {
        toolTitle: '<img src=x onerror=alert(1)>',
        arguments: '{"a":"</pre><script>alert(1)</script>"}',
      }),
    ]
    await page.goto(host.url)
    await page.getByRole('alertdialog').getByText('<img src=x onerror=alert(1)>').waitFor()
    await page.getByText('</pre><script>alert(1)</script>').waitFor()
  })
})
