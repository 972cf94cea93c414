import { expect, type Page, test } from '@playwright/test'
import { type RunningHost, startHost } from './fixtures/host.ts'
import { echo } from './fixtures/test-servers.ts'

/**
 * Two windows over one host, and answers that come late: what one window changes is not undone by the other, who cancelled stays
 * where they went, and what is pressed twice happens once.
 */
test.describe.configure({ mode: 'serial' })

let host: RunningHost
let ui: Page
let other: Page

test.beforeAll(async ({ browser }) => {
  host = await startHost()
  ui = await browser.newPage()
  await ui.goto(host.ui)
  await expect(pages(ui)).toBeVisible()
  // Not a second tab: what is behind another one is slow.
  other = await browser.newPage({ storageState: await ui.context().storageState() })
  await other.goto(new URL('/', host.ui).href)
})
test.afterAll(async () => {
  await ui?.context().close()
  await other?.context().close()
  await host?.stop()
})

const pages = (page: Page) => page.getByRole('navigation', { name: 'Pages' })
const go = (page: Page, name: string) => pages(page).getByRole('link', { name }).click()
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const dialog = (page: Page, name?: string) => page.getByRole('dialog', name === undefined ? {} : { name })
const nameField = (page: Page, of?: string) => dialog(page, of).getByLabel('Name', { exact: true }).last()
const save = (page: Page) => dialog(page).getByRole('button', { name: 'Save', exact: true }).click()
const line = (...words: string[]) => [`"${process.execPath}"`, `"${echo}"`, '--stdio', ...words].join(' ')

/** What the page sends when `press` is done. */
async function sent(name: string, press: () => Promise<void>): Promise<{ input: Record<string, unknown> }> {
  const request = ui.waitForRequest((one) => one.url().endsWith(`/api/call/${name}`))
  await press()
  return (await request).postDataJSON()
}

/** The host answers at once, and the page hears of it only when the returned function is called. */
async function answersLate(name: string): Promise<() => Promise<void>> {
  let answer = () => {}
  const held = new Promise<void>((done) => {
    answer = done
  })
  const heard = Promise.withResolvers<void>()
  await ui.route(`**/api/call/${name}`, async (route) => {
    const response = await route.fetch()
    await held
    await route.fulfill({ response })
    heard.resolve()
  })
  return async () => {
    answer()
    await heard.promise
    await ui.unroute(`**/api/call/${name}`)
    // An answer that does something has done it then.
    await ui.waitForTimeout(200)
  }
}

async function fillServer(command: string, name: string): Promise<void> {
  await go(ui, 'Tools')
  await button(ui, 'Add a server').first().click()
  await dialog(ui).getByLabel('Command').fill(command)
  await nameField(ui, 'Add a server').fill(name)
}
const addIt = () => dialog(ui, 'Add a server').getByRole('button', { name: 'Add and run it' })

async function createKey(name: string): Promise<void> {
  await go(ui, 'Access')
  await button(ui, 'Create a key').first().click()
  await nameField(ui).fill(name)
}

test('a new name does not give back what the other window took away', async () => {
  await createKey('Notebook')
  await dialog(ui).getByRole('radio', { name: 'Everything' }).check()
  await button(ui, 'Create the key').click()
  await button(ui, 'I have copied it').click()
  await button(ui, 'Details of Notebook').click()
  await nameField(ui).fill('Diary')
  await go(other, 'Access')
  await other.getByRole('combobox', { name: 'What Notebook may do' }).click()
  await other.getByRole('option', { name: 'Look only' }).click()
  await expect(dialog(ui).getByRole('radio', { name: 'Look only' })).toBeChecked()
  const { input } = await sent('grants.update', () => save(ui))
  expect(input).toEqual({ id: expect.any(String), name: 'Diary' })
  await expect(dialog(ui)).toBeHidden()
  await expect(other.getByRole('combobox', { name: 'What Diary may do' })).toContainText('Look only')
})

test('nor does that of a server change what it runs', async () => {
  await fillServer(line(), 'Echo')
  await addIt().click()
  await expect(dialog(ui, 'Add a server')).toBeHidden()
  await ui.getByRole('link', { name: 'Details of Echo' }).click()
  await button(ui, 'Change what runs…').click()
  await nameField(ui).fill('Reply')
  await go(other, 'Tools')
  await other.getByRole('link', { name: 'Details of Echo' }).click()
  await button(other, 'Change what runs…').click()
  await dialog(other).getByLabel('Command').fill(line('--quiet'))
  await save(other)
  await expect(dialog(other)).toBeHidden()
  await expect(dialog(ui).getByLabel('Command')).toHaveValue(/--quiet/)
  const { input } = await sent('servers.edit', () => save(ui))
  expect(input).toMatchObject({ name: 'Reply', args: [echo, '--stdio', '--quiet'] })
  await expect(dialog(ui, 'Change “Echo”')).toBeHidden()
})

test('nor does that of a workspace bring back what was taken out', async () => {
  await go(ui, 'Tools')
  await button(ui, 'Add a workspace').click()
  await nameField(ui).fill('Work')
  for (const name of [/^Reply/, /^Mail/]) await dialog(ui).getByRole('checkbox', { name }).check()
  await button(ui, 'Add the workspace').click()
  await button(ui, 'Change Work').click()
  await nameField(ui).fill('Home')
  await go(other, 'Tools')
  await button(other, 'Change Work').click()
  await dialog(other)
    .getByRole('checkbox', { name: /^Reply/ })
    .uncheck()
  await save(other)
  await expect(dialog(other, 'Change')).toBeHidden()
  await expect(dialog(ui).getByRole('checkbox', { name: /^Reply/ })).not.toBeChecked()
  const { input } = await sent('workspaces.update', () => save(ui))
  expect(input).toEqual({ name: 'work', title: 'Home' })
})

test('the answer to what was cancelled closes no dialog that was opened later', async () => {
  await ui.getByRole('link', { name: 'Details of Reply' }).click()
  await button(ui, 'Change what runs…').click()
  const answer = await answersLate('servers.edit')
  await dialog(ui).getByLabel('Command').fill(line())
  await sent('servers.edit', () => save(ui))
  await dialog(ui).getByRole('button', { name: 'Cancel' }).click()
  await button(ui, 'Change what runs…').click()
  await dialog(ui).getByLabel('Command').fill(line('--typed'))
  await answer()
  await expect(dialog(ui, 'Change “Reply”').getByLabel('Command')).toHaveValue(/--typed/)
  await dialog(ui, 'Change “Reply”').getByRole('button', { name: 'Cancel' }).click()
})

test('nor leads away from what is typed elsewhere', async () => {
  await fillServer(`"${process.execPath}" -e "process.exit(3)"`, 'Broken')
  const added = await answersLate('servers.add')
  await sent('servers.add', () => addIt().click())
  await dialog(ui).getByRole('button', { name: 'Cancel' }).click()
  await createKey('half typed')
  await added()
  await expect(nameField(ui)).toHaveValue('half typed')
  await dialog(ui).getByRole('button', { name: 'Cancel' }).click()

  await go(ui, 'Tools')
  await ui.getByRole('link', { name: 'Details of Broken' }).click()
  const removed = await answersLate('servers.remove')
  await ui.getByRole('button', { name: 'Remove this server' }).click()
  await sent('servers.remove', () =>
    ui.getByRole('alertdialog').getByRole('button', { name: 'Remove', exact: true }).click(),
  )
  await ui.keyboard.press('Escape')
  await createKey('half typed')
  await removed()
  await expect(nameField(ui)).toHaveValue('half typed')
})

test('what is typed is not reloaded away without a question', async () => {
  const asked = ui.waitForEvent('dialog')
  const reload = ui.reload()
  const question = await asked
  expect(question.type()).toBe('beforeunload')
  await question.accept()
  await reload
})

test('a server that was cancelled while its line was read is not added', async () => {
  await fillServer(line(), 'Unwanted')
  await ui.waitForTimeout(300)
  const read = await answersLate('servers.read')
  let added = 0
  ui.on('request', (one) => {
    if (one.url().endsWith('servers.add')) added += 1
  })
  await addIt().click()
  await expect(addIt()).toHaveAttribute('aria-busy', 'true')
  await dialog(ui).getByRole('button', { name: 'Cancel' }).click()
  await read()
  expect(added).toBe(0)
})

test('a key that is asked for twice at once is made once', async () => {
  await go(ui, 'Settings')
  let made = 0
  ui.on('request', (one) => {
    if (one.url().endsWith('adminKey.create')) made += 1
  })
  await button(ui, 'Create a key').evaluate((press: HTMLElement) => {
    press.click()
    press.click()
  })
  await button(ui, 'I have copied it').click()
  await expect(dialog(ui)).toBeHidden()
  expect(made).toBe(1)
})

test('revoked by two quick presses, once, and the keyboard goes on from the page', async () => {
  await go(ui, 'Access')
  let revoked = 0
  ui.on('request', (one) => {
    if (one.url().endsWith('grants.revoke')) revoked += 1
  })
  await button(ui, 'Revoke Diary').click()
  await ui
    .getByRole('alertdialog')
    .getByRole('button', { name: 'Revoke' })
    .evaluate((press: HTMLElement) => {
      press.click()
      press.click()
    })
  await expect(button(ui, 'Revoke Diary')).toHaveCount(0)
  await expect.poll(() => ui.evaluate(() => document.activeElement?.tagName)).toBe('MAIN')
  expect(revoked).toBe(1)
})
