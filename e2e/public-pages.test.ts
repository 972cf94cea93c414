import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { type Browser, chromium, type Page } from '@playwright/test'
import type { AxeResults } from 'axe-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chromiumOptions } from '../scripts/chromium.mjs'
import { buttonWords } from '../src/contract/agreed/words/button.ts'
import { type InProcess, startInProcess } from './fixtures/in-process.ts'

/** What a stranger's browser sees, in a real one: pages that go on by themselves without loading themselves by the clock. */
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
/** In the form of an id, of no request. */
const nobody = 'n'.repeat(21)
/** Where the client's own page is, as one has it that runs on this computer. */
let callback: string
let site: Server

let at: InProcess
let browser: Browser
let client: string
beforeAll(async () => {
  site = createServer((_req, res) => void res.setHeader('content-type', 'text/html').end('<h1>back</h1>'))
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve))
  callback = `http://127.0.0.1:${(site.address() as AddressInfo).port}/callback`
  at = await startInProcess()
  browser = await chromium.launch(chromiumOptions)
  await at.ask('connect.open', { client: 'other' })
  const registered = await fetch(`${at.local}/oauth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      client_name: 'Notebook',
      redirect_uris: [callback],
      token_endpoint_auth_method: 'none',
    }),
  })
  client = ((await registered.json()) as { client_id: string }).client_id
  await at.ask('connect.close')
}, 60_000)
afterAll(async () => {
  await browser?.close()
  await at?.stop()
  site?.close()
})

const authorize = () =>
  `${at.local}/oauth/authorize?${new URLSearchParams({
    ...{ response_type: 'code', client_id: client, redirect_uri: callback, scope: 'mcp:use' },
    ...{ resource: `${at.local}/mcp`, state: 's', code_challenge_method: 'S256' },
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  })}`

/** A browser of its own, and what is loaded in it, page by page. */
async function open(options: { javaScriptEnabled?: boolean } = {}) {
  const context = await browser.newContext({ colorScheme: 'dark', ...options })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  let loads = 0
  page.on('domcontentloaded', () => loads++)
  return { page, complaints, loads: () => loads, close: () => context.close() }
}
const came = (url: URL) => url.href.startsWith(callback)
const serious = async (page: Page) => {
  await page.evaluate(axe)
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run(),
  )
  return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id }) => id)
}
const request = async () => (await at.ask('connections.list'))[0]!

describe('from the closed door to the end', () => {
  it('goes on by itself when Connect is pressed and when the owner has decided, and never without a reason', async () => {
    const { page, complaints, loads, close } = await open()
    await page.goto(authorize())
    await page.getByRole('heading', { name: `press ${buttonWords.connect}` }).waitFor()
    expect(await serious(page)).toEqual([])
    // The answer that says "forbidden" is what was expected.
    complaints.length = 0
    await page.waitForTimeout(4_000)
    expect(loads()).toBe(1)

    await at.ask('connect.open', { client: 'other' })
    const digits = await page.locator('#digits').innerText()
    expect(digits).toMatch(/^\d{3}$/)
    await page.getByText(`press ${buttonWords.letIn}.`).waitFor()
    expect(await serious(page)).toEqual([])
    const before = loads()
    await page.waitForTimeout(3_000)
    expect(loads(), 'it stays as it is while it is read').toBe(before)

    await at.ask('connections.approve', { id: (await request()).id, digits, access: 'look' })
    await page.waitForURL(came, { timeout: 5_000 })
    expect(new URL(page.url()).searchParams.get('code')).toMatch(/./)
    expect(complaints).toEqual([])

    // The same browser comes back: it is told the button's own name.
    await at.ask('connect.open', { client: 'other' })
    await page.goto(authorize())
    await page.getByText(`press ${buttonWords.letBackIn}.`).waitFor()
    expect(await page.locator('#digits').count()).toBe(0)
    expect(await serious(page)).toEqual([])
    await at.ask('connections.deny', { id: (await request()).id })
    await page.waitForURL((url) => came(url) && url.searchParams.get('error') === 'access_denied', {
      timeout: 5_000,
    })
    await close()
  })

  it('without scripts a link says how to go on', async () => {
    const { page, close } = await open({ javaScriptEnabled: false })
    await at.ask('connect.close')
    await page.goto(authorize())
    await at.ask('connect.open', { client: 'other' })
    await page.getByRole('link', { name: 'I have pressed it: go on' }).click()
    const digits = await page.locator('#digits').innerText()
    await page.getByRole('link', { name: 'I have decided: go on' }).click()
    expect(await page.locator('#digits').innerText(), 'the same, when it was not').toBe(digits)
    await at.ask('connections.approve', { id: (await request()).id, digits, access: 'look' })
    await page.getByRole('link', { name: 'I have decided: go on' }).click()
    await page.waitForURL(came)
    await close()
  })

  it('a problem is a page that anybody can read', async () => {
    const { page, close } = await open()
    await page.goto(`${at.local}/oauth/wait/${nobody}`)
    await page.getByRole('heading').waitFor()
    expect(await serious(page)).toEqual([])
    await close()
  })
})

describe('what comes in between', () => {
  const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { name }).waitFor()

  it('a hiccup of the tunnel does not take the page away', async () => {
    const { page, close } = await open()
    await at.ask('connect.open', { client: 'other' })
    await page.goto(authorize())
    const digits = await page.locator('#digits').innerText()
    const asksAgain = (url: URL) => url.pathname.startsWith('/oauth/wait/')
    const hiccups = [
      { status: 502, contentType: 'text/html', body: '<h1>Bad gateway</h1>' },
      { status: 503, contentType: 'application/json', body: '{"message":"no tunnel"}' },
      { status: 200, contentType: 'text/html', body: '<h1>Sign in to the Wi-Fi</h1>' },
    ]
    let had = 0
    await page.route(asksAgain, async (route) => {
      const isFirst = had === 0 && route.request().resourceType() === 'document'
      const hiccup = isFirst ? undefined : hiccups[had]
      if (hiccup === undefined) return route.continue()
      had += 1
      await route.fulfill(hiccup)
    })
    // The question that is being held back came before; the page asks anew when that is over.
    await page.reload()
    await expect.poll(() => had, { timeout: 30_000 }).toBe(hiccups.length)
    expect(await page.locator('#digits').innerText()).toBe(digits)
    await at.ask('connections.approve', { id: (await request()).id, digits, access: 'look' })
    await page.waitForURL(came)
    await close()
  }, 60_000)

  it('whoever finds the place taken goes on by itself once it is free', async () => {
    const [first, second] = [await open(), await open()]
    await at.ask('connect.open', { client: 'other' })
    await first.page.goto(authorize())
    await second.page.goto(authorize())
    await heading(second.page, 'Another app is asking to connect right now.')
    expect(await serious(second.page)).toEqual([])
    await at.ask('connections.deny', { id: (await request()).id })
    await second.page.locator('#digits').waitFor({ timeout: 10_000 })
    // And when whoever came first got in, which closes the door again.
    await first.page.goto(authorize())
    await heading(first.page, 'Another app is asking to connect right now.')
    const digits = await second.page.locator('#digits').innerText()
    await at.ask('connections.approve', { id: (await request()).id, digits, access: 'look' })
    await heading(first.page, `press ${buttonWords.connect}`)
    for (const { close } of [first, second]) await close()
  }, 60_000)

  it('a raised bridge says so, and goes on when it is lowered', async () => {
    const { page, close } = await open()
    await at.ask('connect.open', { client: 'other' })
    await page.goto(authorize())
    await page.locator('#digits').waitFor()
    await at.ask('bridge.raise')
    await heading(page, 'This bridge is raised')
    expect(await serious(page)).toEqual([])
    await at.ask('bridge.lower')
    await page.waitForURL(came, { timeout: 10_000 })
    await close()
  }, 60_000)

  it('a page that was left behind says where it goes on, or that it is done', async () => {
    const { page, close } = await open()
    await at.ask('connect.open', { client: 'other' })
    await page.goto(authorize())
    const tab = await page.context().newPage()
    await tab.goto(authorize())
    await heading(page, 'You began again somewhere else')
    const waits = tab.url()
    const digits = await tab.locator('#digits').innerText()
    await at.ask('connections.approve', { id: (await request()).id, digits, access: 'look' })
    await tab.waitForURL(came)
    for (const address of [waits, waits.replace('/wait/', '/authorize/')]) {
      await page.goto(address)
      await heading(page, 'The app was let in.')
    }
    await close()
  }, 60_000)

  it('an address of ours in a browser is a page for people, and for programs what it was', async () => {
    const { page, close } = await open()
    for (const [path, status, words] of [
      ['/mcp', 401, 'This address is for apps'],
      ['/sse', 401, 'This address is for apps'],
      ['/', 404, 'There is nothing at this address'],
      ['/mcp/nowhere', 404, 'There is nothing at this address'],
    ] as const) {
      expect((await page.goto(at.local + path))?.status(), path).toBe(status)
      await heading(page, words)
      expect(await serious(page), path).toEqual([])
      const told = await fetch(at.local + path)
      expect([told.status, told.headers.get('content-type')]).toEqual([status, 'application/json'])
    }
    const challenged = await fetch(`${at.local}/mcp`, { headers: { accept: 'text/html' } })
    expect(challenged.headers.get('www-authenticate')).toContain('resource_metadata=')
    await close()
  })
})

describe('how things stand', () => {
  const ask = (path: string, headers = {}) =>
    fetch(path.startsWith('http') ? path : `${at.local}${path}`, {
      headers: { accept: 'application/json', ...headers },
      redirect: 'manual',
    })

  it('is told at the closed door without anything being stored, and at no other browser’s waiting page', async () => {
    await at.ask('connect.close')
    const closed = await ask(authorize())
    expect([closed.status, await closed.json()]).toEqual([200, { state: 'closed' }])
    expect(closed.headers.get('access-control-allow-origin')).toBeNull()
    await at.ask('connect.open', { client: 'other' })
    const opened = await ask(authorize())
    expect(await opened.json()).toEqual({ state: 'open' })
    expect(opened.headers.getSetCookie()).toEqual([])
    expect(await at.ask('connections.list')).toEqual([])
    expect((await ask(`/oauth/wait/${nobody}`)).status).toBe(403)
  })

  it('is held back until there is something to say', async () => {
    const asked = await fetch(authorize(), { redirect: 'manual', headers: { accept: 'text/html' } })
    const cookie = asked.headers
      .getSetCookie()
      .map((line) => line.split(';')[0])
      .join('; ')
    const wait = new URL(asked.headers.get('location')!, at.local).href
    const began = Date.now()
    const state = ask(wait, { cookie })
    await new Promise((done) => setTimeout(done, 1_500))
    await at.ask('connections.deny', { id: (await request()).id })
    expect(await (await state).json()).toEqual({ state: 'decided' })
    expect(Date.now() - began).toBeGreaterThan(1_400)
    expect(Date.now() - began).toBeLessThan(6_000)
  })
})
