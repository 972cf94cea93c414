import type { ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, type Page, test } from '@playwright/test'
import {
  type ProtectedServer,
  startProtectedServer,
} from '../src/servers/sign-in/testing/fixture-protected-server.ts'
import { type RunningHost, startHost } from './fixtures/host.ts'
import { echo, startOlderServer, startTenantServer } from './fixtures/test-servers.ts'

/**
 * Servers in the pages of the program as it is built: one of each kind is added, signed in to, looked at, renamed and slowed
 * down by its owner in a real browser, and a client with a key sees what came of it.
 */
test.describe.configure({ mode: 'serial' })

let host: RunningHost
let ui: Page
let key: string
let older: { url: string; child: ChildProcess }
let tides: Awaited<ReturnType<typeof startTenantServer>>
let notes: ProtectedServer
let admin: { key: string; address: string }

test.beforeAll(async ({ browser }) => {
  ;[host, older, tides, notes] = await Promise.all([
    startHost(),
    startOlderServer(),
    startTenantServer(),
    startProtectedServer(),
  ])
  ui = await (await browser.newContext()).newPage()
  await ui.goto(host.ui)
})

test.afterAll(async () => {
  await ui?.context().close()
  await host?.stop()
  older?.child.kill('SIGKILL')
  tides?.close()
  await notes?.close()
})

const button = (name: string) => ui.getByRole('button', { name, exact: true })
const group = (name: string) => ui.getByRole('region', { name, exact: true })
const go = (page: string) =>
  ui.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: page }).click()
const setting = async (name: string, value: string) => {
  await ui.getByRole('combobox', { name, exact: true }).click()
  await ui.getByRole('option', { name: value, exact: true }).click()
}

const post = (method: string, params: object = {}) =>
  fetch(host.mcp, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  })
/** What the client with the key gets to read. */
const call = async (name: string, args: object = {}) =>
  (await post('tools/call', { name, arguments: args })).text()
const listed = async () => {
  const { result } = (await (await post('tools/list')).json()) as { result: { tools: { name: string }[] } }
  return result.tools.map((tool) => tool.name)
}

async function add(name: string, fill: (dialog: ReturnType<Page['getByRole']>) => Promise<void>) {
  await go('Tools')
  await button('Add a server').first().click()
  // A message about what is done is a dialog too.
  const dialog = ui.getByRole('dialog', { name: 'Add a server' })
  await fill(dialog)
  await dialog.getByLabel('Name', { exact: true }).last().fill(name)
  await dialog.getByRole('button', { name: /^Add (it|and run it)$/ }).click()
  await expect(dialog).toBeHidden({ timeout: 20_000 })
}

async function addAddress(
  name: string,
  url: string,
  more?: (dialog: ReturnType<Page['getByRole']>) => Promise<void>,
) {
  await add(name, async (dialog) => {
    await dialog.getByRole('tab', { name: 'An address' }).click()
    await dialog.getByRole('textbox', { name: 'Address' }).fill(url)
    await more?.(dialog)
  })
}

test('a key for a client is made on the Access page', async () => {
  await go('Access')
  await button('Create a key').click()
  const dialog = ui.getByRole('dialog')
  await dialog.getByLabel('Name', { exact: true }).fill('Notebook')
  await dialog.getByRole('radio', { name: 'Everything' }).check()
  await button('Create the key').click()
  key = (await dialog.locator('code').first().innerText()).trim()
  await button('I have copied it').click()
  await expect(ui.getByText('Not used yet')).toBeVisible()
})

test('a program on this computer', async () => {
  await add('Echo', async (dialog) => {
    await dialog.getByLabel('Command').fill(`"${process.execPath}" "${echo}" --stdio`)
    await expect(dialog.getByRole('region', { name: 'This is exactly what will run' })).toContainText(
      '--stdio',
    )
  })
  await expect(group('Echo').getByText('echo__echo', { exact: true })).toBeVisible()
  expect(await call('echo__echo', { text: 'from the program', wait: 0 })).toContain('from the program')
})

test('an address with a header', async () => {
  await addAddress('Tides', tides.url, async (dialog) => {
    await button('Add a header').click()
    await dialog.getByLabel('Name', { exact: true }).first().fill('X-Tenant')
    await dialog.getByLabel('Value of X-Tenant').fill('harbour')
  })
  await expect(group('Tides').getByText('tides__tide', { exact: true })).toBeVisible()
  expect(await call('tides__tide')).toContain('high water at six')
  expect(new Set(tides.tenants)).toEqual(new Set(['harbour']))
  await ui.getByRole('link', { name: 'Details of Tides' }).click()
  await expect(ui.getByText('X-Tenant')).toBeVisible()
  expect(await ui.locator('main').innerText()).not.toContain('harbour')
})

test('a value that was typed wrong is put right, and nothing else changes', async () => {
  const change = async (tenant: string) => {
    await button('Change…').click()
    const dialog = ui.getByRole('dialog', { name: 'Change “Tides”' })
    await expect(dialog.getByRole('textbox', { name: 'Address' })).toHaveValue(tides.url)
    const value = dialog.getByLabel('Value of X-Tenant')
    await expect(value).toHaveValue('')
    await value.fill(tenant)
    await dialog.getByRole('button', { name: 'Save', exact: true }).click()
    await expect(dialog).toBeHidden({ timeout: 20_000 })
  }
  await change('harbor')
  await expect(ui.getByText('does not allow this (HTTP 403)').first()).toBeVisible()
  expect(await call('tides__tide')).toContain('is not running')
  tides.tenants.length = 0
  await change('harbour')
  await expect(ui.getByText('It works, and those')).toBeVisible()
  expect(await call('tides__tide')).toContain('high water at six')
  expect(new Set(tides.tenants)).toEqual(new Set(['harbour']))

  await go('Tools')
  await ui.getByRole('link', { name: 'Details of Echo' }).click()
  await button('Change what runs…').click()
  const program = ui.getByRole('dialog', { name: 'Change “Echo”' })
  await program.getByLabel('Command').fill('no-such-program-anywhere --stdio')
  await program.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(program.getByText('no-such-program-anywhere').last()).toBeVisible()
  await expect(program.getByRole('alert')).toBeVisible()
  await program.getByRole('button', { name: 'Cancel' }).click()
  expect(await call('echo__echo', { text: 'still there', wait: 0 })).toContain('still there')
})

test('an address of the older kind', async () => {
  await addAddress('Older', older.url, async (dialog) => {
    await dialog.getByText('More options').click()
    await dialog.getByLabel('It is one of the older kind').check()
  })
  await expect(group('Older').getByText('older__echo', { exact: true })).toBeVisible()
  expect(await call('older__echo', { message: 'from before' })).toContain('from before')
})

test('a server that wants a sign-in: there, back, and out again', async () => {
  await addAddress('Notes', notes.url)
  await expect(ui.getByRole('heading', { level: 1, name: 'Notes' })).toBeVisible()
  await expect(ui.getByText('This server wants to know who you are.')).toBeVisible()
  expect((await listed()).filter((name) => name.startsWith('notes__'))).toEqual([])

  await expect(button('Sign in to Notes')).toHaveText('Sign in…')
  await button('Sign in to Notes').click()
  // Not a page of the web: its address is there to copy.
  await expect(ui.getByText('Waiting for you to sign in.')).toBeVisible()
  const address = await ui.locator('code', { hasText: /^http:\/\/127\.0\.0\.1:\d+\/auth\?/ }).innerText()
  const browser = await ui.context().newPage()
  await browser.goto(address)
  await expect(browser.getByText('You can go back to Drawbridge.')).toBeVisible()
  await browser.close()

  await expect(ui.getByText('Signed in with 127.0.0.1')).toBeVisible()
  expect(await call('notes__read_note')).toContain('a note')
  await button('Sign out of Notes').click()
  await ui.getByRole('alertdialog').getByRole('button', { name: 'Sign out' }).click()
  await expect(button('Sign in to Notes')).toBeVisible()
  expect(await call('notes__read_note')).toMatch(/sign/i)
})

test('what a program adds is shown in full, and runs only after its owner said so', async () => {
  await go('Settings')
  await button('Create a key').click()
  const dialog = ui.getByRole('dialog')
  const shown = dialog.locator('code')
  admin = { key: (await shown.nth(0).innerText()).trim(), address: (await shown.nth(1).innerText()).trim() }
  await button('I have copied it').click()
  const rest = (body: object) =>
    fetch(`${admin.address}/servers`, {
      method: 'POST',
      headers: { authorization: `Bearer ${admin.key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const ran = join(mkdtempSync(join(tmpdir(), 'drawbridge-ran-')), 'ran')
  const script = `require('node:fs').writeFileSync(${JSON.stringify(ran)}, ''); import(${JSON.stringify(echo)})`
  const args = ['-e', script, 'My Notes', '--stdio']
  const draft = { kind: 'stdio', name: 'Helper', command: process.execPath, args, env: { TOKEN: 'sesame' } }
  expect((await rest(draft)).status).toBe(201)
  expect((await rest({ kind: 'http', name: 'Stranger', url: tides.url })).status).toBe(201)
  expect(
    (await rest({ ...draft, name: 'Wrong', args: ['-e', 'console.error("no key");process.exit(3)'] })).status,
  ).toBe(201)

  await go('Home')
  await button('Look at Helper').click()
  const asked = ui.getByRole('alertdialog')
  await expect(asked.getByRole('button', { name: 'Remove' })).toBeFocused()
  const run = asked.getByRole('region', { name: 'This is exactly what would run' })
  for (const word of [process.execPath, ...args, 'TOKEN'])
    await expect(run.getByText(word, { exact: true })).toBeVisible()
  await expect(asked).not.toContainText('sesame')
  expect(existsSync(ran)).toBe(false)
  await asked.evaluate((box) => box.scrollTo(0, box.scrollHeight))
  await asked.getByRole('button', { name: 'Start it' }).click()
  await expect(asked).toBeHidden()
  expect(existsSync(ran)).toBe(true)
  expect(await call('helper__echo', { text: 'allowed now', wait: 0 })).toContain('allowed now')

  const before = tides.tenants.length
  await button('Look at Stranger').click()
  await expect(asked).toContainText(new URL(tides.url).host)
  await asked.getByRole('button', { name: 'Remove' }).click()
  await expect(asked).toBeHidden()
  expect(tides.tenants.length).toBe(before)

  // One that does not work is not gone without a word.
  await button('Look at Wrong').click()
  await asked.getByRole('button', { name: 'Start it' }).click()
  await expect(ui.getByRole('heading', { level: 1, name: 'Wrong' })).toBeVisible()
  await expect(group('How it is doing')).toContainText('stopped right after it was started')
  await expect(ui.getByText('no key', { exact: true })).toBeVisible()
  await expect(group('Waiting for their first start')).toBeHidden()
})

test('rename a tool, hide one, serve a server under its own names; Access says who has an old list', async () => {
  await go('Access')
  await expect(ui.getByText(/Fetched its list of \d+ tools/)).toBeVisible()
  await listed()
  await expect(ui.getByText('It still has an old list of your tools.')).toBeHidden()

  await go('Tools')
  await button('Show its tool: Tides').click()
  await button('Rename tide').click()
  await ui.getByRole('dialog').getByLabel('Name for assistants').fill('high_water')
  await ui.getByRole('dialog').getByRole('button', { name: 'Rename', exact: true }).click()
  await expect(group('Tides').getByText('high_water', { exact: true }).first()).toBeVisible()
  expect(await call('high_water')).toContain('high water at six')
  // Lists may be old.
  expect(await call('tides__tide')).toContain('high water at six')

  await button('Show its tool: Helper').click()
  await group('Helper').getByRole('switch').click()
  await expect.poll(listed).not.toContain('helper__echo')

  await ui.getByRole('link', { name: 'Details of Echo' }).click()
  await ui.getByRole('switch', { name: 'Serve its tools under their own names' }).click()
  await expect.poll(async () => call('echo', { text: 'own name', wait: 0 })).toContain('own name')

  await listed()
  await ui.getByRole('switch', { name: 'Serve its tools under their own names' }).click()
  await expect(ui.getByRole('switch', { name: 'Serve its tools under their own names' })).not.toBeChecked()
  await go('Access')
  await expect(ui.getByText('It still has an old list of your tools.')).toBeVisible()
  await listed()
  await expect(ui.getByText('It still has an old list of your tools.')).toBeHidden()
})

test('a client that asks too often is told when to come back', async () => {
  await go('Settings')
  await setting('Requests of one app within a minute', '30')
  await expect
    .poll(async () => (await post('tools/list')).status, { intervals: [1], timeout: 5_000 })
    .toBe(429)
  const refused = await post('tools/list')
  expect(refused.status).toBe(429)
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
  await setting('Requests of one app within a minute', 'No limit')
  await expect.poll(async () => (await post('tools/list')).status).toBe(200)
})
