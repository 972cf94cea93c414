import { expect, type Page, test } from '@playwright/test'
import { type Dovecot, startDovecot } from '../src/connectors/testing/dovecot.ts'
import { type Radicale, startRadicale } from '../src/connectors/testing/radicale.ts'
import { type RunningHost, startHost } from './fixtures/host.ts'

/** Mail and calendars in the program as it is built, with real servers behind it: set up with a wrong password, and then the right one. */
test.describe.configure({ mode: 'serial' })

let host: RunningHost
let dovecot: Dovecot
let radicale: Radicale
let ui: Page
let key: string
test.beforeAll(async ({ browser }) => {
  dovecot = await startDovecot('anna', 'app-password')
  dovecot.deliver(
    'From: Landlord <land@lord.example>\nTo: anna@mail.example\nSubject: Heating\nDate: Sun, 15 Nov 2026 10:00:00 +0100\nMIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n<p>Off on <b>Monday</b>.</p>\n',
  )
  radicale = await startRadicale('anna', 'app-password')
  await radicale.calendar('/anna/home/', 'Home')
  await radicale.put(
    '/anna/home/choir.ics',
    'BEGIN:VEVENT\nUID:c\nDTSTAMP:20260101T000000Z\nSUMMARY:Choir\nDTSTART:20260105T180000Z\nDURATION:PT2H\nRRULE:FREQ=DAILY\nEND:VEVENT',
  )
  host = await startHost()
  key = (await host.json<{ token: string }>('key', 'create', '--name', 'Editor', '--access', 'look')).token
  ui = await (await browser.newContext()).newPage()
  await ui.goto(host.ui)
  await ui.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Tools' }).click()
})
test.afterAll(async () => {
  await ui?.context().close()
  await host?.stop()
  await dovecot?.close()
  await radicale?.close()
})

const button = (name: string) => ui.getByRole('button', { name, exact: true })
const shot = async (name: string) => {
  const folder = process.env.DRAWBRIDGE_SHOTS
  if (folder) await ui.screenshot({ path: `${folder}/mail-${name}.png`, fullPage: true })
}
async function ask(name: string, args: object): Promise<string> {
  const answer = await fetch(host.mcp, {
    method: 'POST',
    headers: {
      ...{ authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({
      ...{ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } },
    }),
  })
  return answer.text()
}

test('mail is made up until it is set up, and says so', async () => {
  await expect(ui.getByRole('region', { name: 'Mail', exact: true })).toContainText('made-up example values')
  expect(await ask('search_mail', {})).toContain('DEMO: made up')
  await shot('demo')
})

test('a wrong password is said, and where the right one is made', async () => {
  await button('Set up Mail').click()
  await expect(ui.getByText('myaccount.google.com/apppasswords')).toBeVisible()
  await shot('dialog')
  await ui.getByRole('textbox', { name: 'Mail address' }).fill('anna@mail.example')
  await ui.getByRole('textbox', { name: 'App password' }).fill('wrong')
  await ui.getByRole('textbox', { name: 'Mail server' }).fill(`127.0.0.1:${dovecot.port}`)
  await ui.getByRole('textbox', { name: 'User name' }).fill('anna')
  await button('Save').click()
  await expect(ui.getByText('does not accept the user name or the password').first()).toBeVisible()
  await shot('wrong')
})

test('with the right one mail is found and read, and stays unread', async () => {
  // The form is still open.
  await ui.getByRole('textbox', { name: 'App password' }).fill('app-password')
  await button('Save').click()
  await expect(ui.getByText('lets Drawbridge read').first()).toBeVisible()
  await shot('right')
  const before = dovecot.files()
  const found = await ask('search_mail', { words: 'heating' })
  expect(found).toContain('“Heating” from Landlord')
  const id = /"id\\?":\\?"(\d+\.\d+\.INBOX)/.exec(found)?.[1]
  expect(await ask('read_mail', { id })).toContain('Off on Monday.')
  expect(dovecot.files()).toEqual(before)
})

test('a calendar is set up and answers', async () => {
  await button('Set up Calendar (CalDAV)').click()
  await shot('calendar-dialog')
  await ui.getByLabel('Address of the server').fill(radicale.url)
  await ui.getByRole('textbox', { name: 'User name' }).fill('anna')
  await ui.getByRole('textbox', { name: 'App password' }).fill('app-password')
  await button('Save').click()
  await expect(ui.getByText('the calendar Home can be read').first()).toBeVisible()
  await shot('calendar')
  expect(await ask('today', {})).toContain('“Choir”')
  expect(await host.cli('connector', 'test', 'caldav')).toMatchObject({ code: 0 })
  expect((await host.cli('connector', 'list')).stdout).not.toContain('app-password')
})

test('on a small screen nothing is cut off', async () => {
  await ui.setViewportSize({ width: 360, height: 740 })
  expect(await ui.evaluate('document.documentElement.scrollWidth > innerWidth')).toBe(false)
  await shot('narrow')
  await ui.emulateMedia({ colorScheme: 'dark' })
  await button('Set up Calendar (link)').click()
  await shot('link-narrow-dark')
})
