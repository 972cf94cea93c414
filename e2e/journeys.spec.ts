import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, expect, type Page, test } from '@playwright/test'
import { type Assistant, connectAssistant } from './fixtures/assistant.ts'
import { type FixtureServices, startFixtureServices } from './fixtures/fixture-services.ts'
import { type RunningHost, startHost } from './fixtures/host.ts'
import { type LocaltunnelServer, startLocaltunnelServer } from './fixtures/localtunnel.ts'
import { userInBrowser } from './fixtures/people.ts'

/**
 * The four journeys — connect, call, approve, revoke — from outside in: an independent OAuth and MCP client comes through a
 * real localtunnel server, the user acts in a real browser, the tools are a real stdio server from npm and a built-in
 * connector (whose service is a loopback fixture).
 */
const require = createRequire(import.meta.url)
const filesystemServer = join(
  require.resolve('@modelcontextprotocol/server-filesystem/package.json'),
  '../dist/index.js',
)

test.describe.configure({ mode: 'serial' })

let tunnelServer: LocaltunnelServer
let services: FixtureServices
let host: RunningHost
let folder: string
let ui: Page
let elsewhere: BrowserContext
let publicUrl: string
let chatgpt: Assistant

test.beforeAll(async ({ browser }) => {
  folder = mkdtempSync(join(tmpdir(), 'drawbridge-files-'))
  writeFileSync(join(folder, 'note.txt'), 'The ferry leaves at nine.')
  ;[tunnelServer, services] = await Promise.all([startLocaltunnelServer(), startFixtureServices()])
  host = await startHost({ tunnelHost: tunnelServer.host, servicesUrl: services.url })
  ui = await (await browser.newContext()).newPage()
  elsewhere = await browser.newContext()
  await ui.goto(host.ui)
})

test.afterAll(async () => {
  await ui?.context().close()
  await elsewhere?.close()
  await host?.stop()
  await services?.close()
  await tunnelServer?.stop()
})

const go = (page: string) =>
  ui.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: page }).click()
const words = (result: { content: unknown }) => JSON.stringify(result.content)

test('the user adds a server from npm in the app', async () => {
  await go('Tools')
  await ui.getByRole('button', { name: 'Add a server' }).first().click()
  const dialog = ui.getByRole('dialog', { name: 'Add a server' })
  await dialog.getByLabel('Name', { exact: true }).fill('Files')
  await dialog.getByLabel('Command').fill(`"${process.execPath}" "${filesystemServer}" "${folder}"`)
  await dialog.getByRole('button', { name: 'Add', exact: false }).last().click()
  await expect(dialog).toBeHidden({ timeout: 30_000 })
  await expect(ui.getByText('files__list_directory', { exact: true })).toBeVisible()
})

test('connect: ChatGPT comes through the tunnel with its client metadata document', async () => {
  await go('Home')
  await ui.getByRole('button', { name: 'Connect to ChatGPT' }).click()
  await expect
    .poll(async () => (await host.json<{ bridge: { state: string } }>('status')).bridge.state)
    .toBe('open')
  publicUrl = (await host.json<{ bridge: { publicUrl: string } }>('status')).bridge.publicUrl
  expect(new URL(publicUrl).port).toBe(String(tunnelServer.port))
  await expect(
    ui
      .getByText(publicUrl)
      .or(ui.locator(`input[value="${publicUrl}"]`))
      .first(),
  ).toBeVisible()

  chatgpt = await connectAssistant(
    publicUrl,
    {
      kind: 'metadata-document',
      clientId: 'https://chatgpt.com/oauth/client.json',
      redirect: 'https://chatgpt.com/connector_platform_oauth_redirect',
    },
    userInBrowser(ui, elsewhere, { name: 'ChatGPT' }),
    tunnelServer.fetch,
  )
  expect(chatgpt.issuer).toBe(new URL(publicUrl).origin)
})

test('call: both protocol eras, a stdio server and a connector, seen in the live log', async () => {
  const modern = await chatgpt.mcp('modern')
  expect(modern.getNegotiatedProtocolVersion()).toBe('2026-07-28')
  const { tools } = await modern.listTools()
  const names = tools.map((tool) => tool.name)
  expect(names).toEqual(
    expect.arrayContaining([
      'files__read_text_file',
      'files__write_file',
      'get_npm_downloads',
      'get_github_stars',
    ]),
  )
  for (const tool of tools)
    expect(Object.keys(tool.annotations ?? {})).toEqual(expect.arrayContaining(['readOnlyHint']))

  await go('Activity')
  const read = await modern.callTool({
    name: 'files__read_text_file',
    arguments: { path: join(folder, 'note.txt') },
  })
  expect(words(read)).toContain('The ferry leaves at nine.')
  await expect(ui.getByText('files__read_text_file').or(ui.getByText('Read Text File')).first()).toBeVisible()

  const legacy = await chatgpt.mcp('legacy')
  expect(legacy.getNegotiatedProtocolVersion()).toBe('2025-11-25')
  expect((await legacy.listTools()).tools.map((tool) => tool.name)).toEqual(names)
  const downloads = await legacy.callTool({
    name: 'get_npm_downloads',
    arguments: { package: 'react', range: 'last-week' },
  })
  expect(downloads.isError ?? false).toBe(false)
  expect(services.requests.some((request) => JSON.stringify(request).includes('react'))).toBe(true)
  await expect(ui.getByText('get_npm_downloads').or(ui.getByText('npm downloads')).first()).toBeVisible()

  await Promise.all([modern.close(), legacy.close()])
  await ui.goto(`${new URL(host.ui).origin}/#/connect/chatgpt`)
  await expect(ui.getByText('Connected.', { exact: false }).first()).toBeVisible()
})

test('approve: a write waits for the user, who allows one and refuses another', async () => {
  const client = await chatgpt.mcp('modern')
  const allowed = client.callTool({
    name: 'files__write_file',
    arguments: { path: join(folder, 'yes.txt'), content: 'allowed' },
  })
  let dialog = ui.getByRole('alertdialog')
  await expect(dialog).toContainText('yes.txt')
  expect(existsSync(join(folder, 'yes.txt'))).toBe(false)
  await dialog.getByRole('button', { name: 'Allow once' }).click()
  expect((await allowed).isError ?? false).toBe(false)
  expect(readFileSync(join(folder, 'yes.txt'), 'utf8')).toBe('allowed')
  await expect(dialog).toBeHidden()

  const refused = client.callTool({
    name: 'files__write_file',
    arguments: { path: join(folder, 'no.txt'), content: 'refused' },
  })
  dialog = ui.getByRole('alertdialog')
  await expect(dialog).toContainText('no.txt')
  await expect(dialog.getByRole('button', { name: 'Don’t allow' })).toBeFocused()
  await dialog.getByRole('button', { name: 'Don’t allow' }).click()
  const answer = await refused
  expect(answer.isError).toBe(true)
  expect(existsSync(join(folder, 'no.txt'))).toBe(false)
  await client.close()
})

test('a second client registers dynamically, and refreshes', async () => {
  await go('Home')
  await ui.getByRole('button', { name: 'Another app' }).click()
  await expect
    .poll(async () => (await host.json<{ window: { open: boolean } }>('status')).window.open)
    .toBe(true)
  const other = await connectAssistant(
    publicUrl,
    { kind: 'dynamic', name: 'Notebook', redirect: 'http://127.0.0.1:49152/callback' },
    userInBrowser(ui, elsewhere, { name: 'Notebook', access: 'Look only' }),
    tunnelServer.fetch,
  )
  await other.refresh()
  const client = await other.mcp('modern')
  const names = (await client.listTools()).tools.map((tool) => tool.name)
  expect(names).toContain('files__read_text_file')
  expect(names).not.toContain('files__write_file')
  await client.close()
})

test('revoke: gone within a second, and only the one that was meant', async () => {
  const list = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }
  expect((await chatgpt.post(list)).status).toBe(200)
  await go('Access')
  const row = ui.getByRole('listitem').or(ui.getByRole('row')).filter({ hasText: 'ChatGPT' }).first()
  await row.getByRole('button', { name: 'Revoke' }).click()
  await ui
    .getByRole('alertdialog')
    .getByRole('button', { name: /revoke|end|take/i })
    .click()
  const clicked = performance.now()
  await expect.poll(async () => (await chatgpt.post(list)).status, { intervals: [20] }).toBe(401)
  const took = performance.now() - clicked
  test.info().annotations.push({ type: 'measured', description: `401 after ${Math.round(took)} ms` })
  console.log(`revoked: 401 after ${Math.round(took)} ms`)
  expect(took).toBeLessThan(1_000)
  await expect(chatgpt.refresh()).rejects.toThrow()
  const left = await host.json<{ name: string }[]>('client', 'list')
  expect(left.map((client) => client.name).join()).toContain('Notebook')
})
