/** Long because the pages are built once and every check shares that build and one browser. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
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

/**
 * The built pages under the real policy, in a real browser, against the scripted host. Long because the pages are built
 * and the browser is started once for all of them.
 */
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
      { id: 'c1', digits: '999', access: 'ask', tools: null, expiresAt: null },
      { id: 'c1', digits: '123', access: 'look', tools: null, expiresAt: null },
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

  it('hands on only chosen tools, until a day, and says what keeps it from that', async () => {
    await show('narrow')
    const dialog = page.getByRole('alertdialog')
    await dialog.getByText('It asks only to read from GitHub.').waitFor()
    await dialog.getByText('Work', { exact: true }).waitFor()
    await dialog.getByText('All tools, no end date').waitFor()
    await page.getByLabel('Three digits').fill('123')
    await button('Change tools and end date').click()
    await page.getByRole('radio', { name: 'Only the tools I choose' }).click()
    // Files is not in this workspace.
    expect(await dialog.getByRole('checkbox').count()).toBe(2)
    await button('None').click()
    await button('Let it in').click()
    await dialog.getByRole('alert').getByText('Choose at least one tool.').waitFor()
    await button('Show the tools of GitHub').click()
    await page.getByRole('checkbox', { name: 'Repository stars' }).check()
    await page.getByRole('combobox', { name: 'When does it end by itself?' }).click()
    await page.getByRole('option', { name: 'In 1 week' }).click()
    await dialog.getByText('1 chosen tool, ends in 1 week').waitFor()
    await button('Let it in').click()
    await dialog.waitFor({ state: 'detached' })
    const [sent] = commands('connections.approve') as { tools: string[]; expiresAt: number }[]
    expect(sent?.tools).toEqual(['get_github_stars'])
    expect(Math.abs((sent?.expiresAt ?? 0) - Date.now() - 7 * 86_400_000)).toBeLessThan(60_000)
  })

  it('lets a client back in with one press and no more than it had', async () => {
    await show('narrowed')
    await page.getByText('2 chosen tools, no end date').waitFor()
    await soon(async () => expect(await focused()).toBe('Decline'))
    await button('Let it back in').click()
    await page.getByRole('alertdialog').waitFor({ state: 'detached' })
    expect(commands('connections.approve')).toEqual([
      {
        id: 'c1',
        access: 'look',
        tools: ['get_github_stars', 'get_npm_downloads'],
        expiresAt: null,
      },
    ])
  })

  it('changes an entry, sending only what was changed, and lets it ask again', async () => {
    await show('busy', '/access')
    await button('Details of MCP — ChatGPT').click()
    const dialog = page.getByRole('dialog', { name: 'MCP — ChatGPT' })
    await dialog.getByText('At your public address').first().waitFor()
    await dialog.getByRole('textbox', { name: 'Name' }).fill('MCP — ChatGPT (work)')
    await button('Change tools and end date').click()
    await page.getByRole('combobox', { name: 'When does it end by itself?' }).click()
    await page.getByRole('option', { name: 'On a day I choose' }).click()
    await button('Save').click()
    await dialog.getByText('Choose the last day.').waitFor()
    await page.getByLabel('Last day').fill('2099-12-31')
    await button('Save').click()
    await dialog.waitFor({ state: 'detached' })
    expect(commands('grants.update')).toEqual([
      {
        id: 'g1',
        name: 'MCP — ChatGPT (work)',
        expiresAt: new Date(2099, 11, 31, 23, 59, 59, 999).getTime(),
      },
    ])
    await page.getByText('until 31 Dec 2099').waitFor()

    await button('Details of MCP — Claude').click()
    await button('Ask again…').click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Ask again', exact: true }).click()
    await page.getByText('Nowhere. It must ask you').waitFor()
    await button('Cancel').click()
    await page.getByText('Must ask again', { exact: true }).waitFor()
  })

  it('registers an app, shows its secret once, and saves it as a file', async () => {
    await show('busy', '/access')
    await button('Register an app').click()
    await page.getByRole('textbox', { name: 'Name' }).fill('Notebook')
    await button('Register it').click()
    await page.getByText('Paste the redirect address').waitFor()
    await page.getByLabel('Redirect addresses').fill('https://notebook.example/cb')
    await page.getByLabel('It can keep a secret').check()
    await button('Register it').click()
    await page.getByText('db_secret_fixture').first().waitFor()
    const [download] = await Promise.all([page.waitForEvent('download'), button('Download JSON').click()])
    expect(download.suggestedFilename()).toBe('notebook-credentials.json')
    expect(JSON.parse(await readFile(await download.path(), 'utf8'))).toMatchObject({
      client_secret: expect.stringContaining('db_secret_fixture'),
      redirect_uris: ['https://notebook.example/cb'],
    })
    await button('I have copied it').click()
    expect(await page.getByText('db_secret_fixture').count()).toBe(0)
    await button('Remove Notebook').click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click()
    await page.getByRole('heading', { name: /^Notebook/ }).waitFor({ state: 'detached' })
  })

  it('adds a workspace and removes it', async () => {
    await show('busy', '/tools')
    await button('Add a workspace').click()
    await page.getByRole('textbox', { name: 'Name' }).fill('Work & Family')
    await button('Add the workspace').click()
    await page.getByText('Use letters, digits').waitFor()
    await page.getByRole('textbox', { name: 'Name' }).fill('Work 2')
    await page.getByRole('checkbox', { name: 'GitHub' }).check()
    await button('Add the workspace').click()
    await page.getByRole('heading', { name: 'Work 2' }).waitFor()
    expect(commands('workspaces.create')).toEqual([{ name: 'work-2', title: 'Work 2', sources: ['github'] }])
    await button('Remove Work 2').click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click()
    await page.getByRole('heading', { name: 'Work 2' }).waitFor({ state: 'detached' })
  })

  it('settings: the list of websites, and new signing keys', async () => {
    await show('busy', '/settings')
    await page.getByRole('switch').click()
    await button('Take claude.com off the list').click()
    await page.getByLabel('Another website').fill('not a name')
    await button('Add').click()
    await page.getByText('Type a name such as').waitFor()
    await page.getByLabel('Another website').fill('https://notes.example/cb')
    await page.keyboard.press('Enter')
    await page.getByText('notes.example', { exact: true }).waitFor()
    await soon(() =>
      expect(commands('preferences.set').at(-1)).toEqual({
        redirectDomains: ['chatgpt.com', 'claude.ai', 'notes.example'],
      }),
    )
    await button('Rotate signing keys').click()
    const dialog = page.getByRole('alertdialog')
    await soon(async () => expect(await focused()).toBe('Cancel'))
    await dialog.getByLabel('Also end named keys').check()
    await dialog.getByRole('button', { name: 'Rotate signing keys' }).click()
    await dialog.waitFor({ state: 'detached' })
    expect(commands('security.rotate')).toEqual([{ keys: true }])
  })

  it('checks at once when asked to, once per visit, and again on request', async () => {
    await show('busy')
    await page.getByRole('link', { name: 'Check like ChatGPT would' }).click()
    await page.getByText('ChatGPT can find you').waitFor()
    await page.getByText('8 fine').waitFor()
    await page.getByRole('heading', { name: 'Answers come quickly' }).waitFor()
    expect(commands('doctor.run')).toEqual([{ workspace: 'default' }])
    await button('Check again').click()
    await soon(() => expect(commands('doctor.run')).toHaveLength(2))
  })

  it('says what to do in each app after the address changed', async () => {
    await show('moved')
    const card = page.getByRole('region', { name: 'Your address has changed' })
    await card.getByText('In ChatGPT, remove the connector').waitFor()
    await card.getByText('https://brave-heron-12.loca.lt/mcp').waitFor()
    expect(await card.getByRole('listitem').count()).toBe(3)
    host.world().grants = []
    host.tell('grants.changed', {})
    await card.waitFor({ state: 'detached' })
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
