import { describe, expect, it } from 'vitest'
import { approval } from './samples.ts'
import type { Scene } from './scenes.ts'
import { soon, useStage } from './stage.ts'

describe('what a new user meets', () => {
  const stage = useStage()
  const { show, button, commands } = stage
  const text = (words: string | RegExp) => stage.page.getByText(words)
  const dialogs = () => stage.page.getByRole('dialog')

  it('once in: what to ask, to copy; nothing that would take it back, nothing that says nobody is waited for', async () => {
    await show('inside', '/connect/chatgpt')
    await text('You’re in. Now ask ChatGPT this:').waitFor()
    await button('Copy Say this to ChatGPT').waitFor()
    expect(await text('Not waiting for anybody').count()).toBe(0)
    expect(await button('Connect').count()).toBe(0)
    await button('Connect another account').click()
    await text(/Another one may ask to be let in for/).waitFor()
    expect(commands('connect.open')).toEqual([{ client: 'chatgpt', again: true }])
    await button('Stop waiting').click()
    await button('Connect another account').waitFor()
    expect(await stage.page.getByRole('alert').count()).toBe(0)
  })

  it.each([
    ['entering', 'You let it in'],
    ['connected', 'Connected. ChatGPT can use your tools.'],
  ] as const)('%s', async (scene, title) => {
    await show(scene, '/connect/chatgpt')
    await text(title).waitFor()
    expect(await text('Not waiting for anybody').count()).toBe(0)
    expect(await button('Connect').count()).toBe(0)
  })

  it('what was put aside is counted and asked for on every page', async () => {
    await show('approval')
    await button('Decide later').click()
    for (const path of ['/', '/tools', '/access', '/activity', '/settings', '/doctor', '/connect/claude']) {
      await stage.page.evaluate((to) => {
        location.hash = to
      }, path)
      await stage.page.getByRole('region', { name: 'Put aside' }).getByText('One question waits').waitFor()
      await stage.page.getByRole('link', { name: /^Home.*one thing needs you/ }).waitFor()
    }
    await button('Answer now').click()
    await button('Don’t allow').click()
    await stage.page.getByRole('region', { name: 'Put aside' }).waitFor({ state: 'detached' })
  })

  const scenes: [Scene, number][] = [
    ['busy', 0],
    ['broken', 4],
    ['taken', 1],
    ['moved', 2],
    ['held-back', 1],
    ['raised', 0],
    ['errors', 4],
    ['connection', 1],
  ]
  it.each(scenes)(
    'Home, %s: %i things in the list, and the headline does not say otherwise',
    async (scene, count) => {
      await show(scene)
      const aside = stage.page.getByRole('button', { name: 'Decide later' })
      if (scene === 'broken' || scene === 'connection') await aside.click()
      const items = stage.page.getByRole('region', { name: 'Needs you' }).getByRole('listitem')
      await soon(async () => expect(await items.count()).toBe(count))
      const bridge = stage.page.getByRole('region', { name: 'The bridge' })
      const look = await bridge.locator('[class*="badge"] [class*="badge"]').getAttribute('class')
      const side = await stage.page.locator('header a[title] [class*="dot"]').getAttribute('class')
      for (const shown of [look, side]) expect(/_ok_/.test(shown ?? ''), String(shown)).toBe(scene === 'busy')
    },
  )

  it('raised: nobody is said to be connected', async () => {
    await show('raised')
    await stage.page.getByRole('heading', { name: 'Who can come back' }).waitFor()
    await text(/^cut off, last seen/)
      .first()
      .waitFor()
    expect(await text('Who is connected').count()).toBe(0)
  })

  it('each thing in the list has its way', async () => {
    await show('broken')
    await button('Decide later').click()
    const list = stage.page.getByRole('region', { name: 'Needs you' })
    await list.getByRole('link', { name: 'Look at it' }).first().click()
    await stage.page.getByRole('heading', { name: /^Calendar/ }).waitFor()
    await show('held-back')
    await list.getByText(/not put to you for now/).waitFor()
    await list.getByText(/What it asks meanwhile is refused\. Over in [34]:\d\d/).waitFor()
    await list.getByRole('link', { name: 'Look at its access' }).click()
    await stage.page.getByText('Held back', { exact: true }).waitFor()
    await show('errors')
    await button('Dismiss this notice').first().click()
    await soon(() => expect(commands('notices.dismiss')).toEqual([{ id: 'n1' }]))
  })

  it('Esc leaves the only copy of a key alone until it was copied; neither does a way off the page', async () => {
    await show('busy', '/access')
    await button('Create a key').click()
    await stage.page.getByRole('textbox', { name: 'Name' }).fill('Editor')
    await button('Create the key').click()
    await text('db_key_k').waitFor()
    await stage.page.keyboard.press('Escape')
    await text(/The key is shown only this once. Copy it first/).waitFor()
    await stage.page.evaluate(() => {
      location.hash = '/waiting/x'
    })
    await stage.page.waitForTimeout(300)
    expect(await text('db_key_k').isVisible()).toBe(true)
    await button('Copy Key').click()
    await button('Key copied').waitFor()
    await stage.page.keyboard.press('Escape')
    await dialogs().waitFor({ state: 'detached' })
  })

  it('the same for a secret, and for the key of programs', async () => {
    await show('busy', '/settings')
    await button('Create a key').click()
    await text('Copy the key now').waitFor()
    await stage.page.keyboard.press('Escape')
    await text(/Copy it first, or press/).waitFor()
    await button('I have copied it').click()
    await dialogs().waitFor({ state: 'detached' })

    await show('busy', '/access')
    await button('Register an app').click()
    await stage.page.getByRole('textbox', { name: 'Name' }).fill('Notebook')
    await stage.page.getByLabel('Redirect addresses').fill('https://notebook.example/cb')
    await stage.page.getByLabel('It can keep a secret').check()
    await button('Register it').click()
    await text('Download JSON').waitFor()
    await stage.page.keyboard.press('Escape')
    await text(/Copy or download it first/).waitFor()
    await button('Download JSON').click()
    await stage.page.keyboard.press('Escape')
    await dialogs().waitFor({ state: 'detached' })
  })

  const forms: [string, string, string, string][] = [
    ['/tools', 'Add a server', 'Command', 'npx -y notes'],
    ['/tools', 'Add a workspace', 'Name', 'Work'],
    ['/tools', 'Rename Read a file', 'Name for assistants', 'read_it'],
    ['/access', 'Create a key', 'Name', 'Editor'],
    ['/access', 'Register an app', 'Name', 'Notebook'],
    ['/access', 'Details of MCP — ChatGPT', 'Name', 'At work'],
  ]
  it.each(forms)(
    '%s, %s: what was filled in is not thrown away by Esc alone',
    async (path, open, field, value) => {
      await show('busy', path)
      await button(open).first().click()
      await dialogs().and(stage.page.locator(':focus-within')).waitFor()
      await stage.page.keyboard.press('Escape')
      await dialogs().waitFor({ state: 'detached' })
      await button(open).first().click()
      const input = dialogs().getByLabel(field, { exact: true }).first()
      await input.fill(value)
      await stage.page.keyboard.press('Escape')
      await text('Throw away what you filled in?').waitFor()
      await stage.page.keyboard.press('Escape')
      await text('Throw away what you filled in?').waitFor({ state: 'detached' })
      expect(await input.inputValue()).toBe(value)
      await stage.page.keyboard.press('Escape')
      await button('Throw it away').click()
      await dialogs().waitFor({ state: 'detached' })
    },
  )

  it('an approval that comes while a key is shown does not take the key away', async () => {
    await show('busy', '/settings')
    await button('Create a key').click()
    await text('Copy the key now').waitFor()
    stage.host.world().approvals = [approval(Date.now(), { id: 'b1' })]
    stage.host.tell('approvals.changed', stage.host.world().approvals)
    await stage.page.getByRole('alertdialog').waitFor()
    await soon(async () => expect(await stage.focused()).toBe('Don’t allow'))
    await stage.page.keyboard.press('Escape')
    await stage.page.getByRole('alertdialog').waitFor({ state: 'detached' })
    expect(await text('db_admin_a').isVisible()).toBe(true)
  })

  const keys: [string, string, Record<string, string | null>][] = [
    ['k1', 'Tickets', { Authorization: 'Bearer new-key', 'X-Tenant': null }],
    ['k2', 'Forecast', { 'X-Api-Key': 'new-key' }],
  ]
  it.each(keys)('%s: a key that was refused is replaced where that is said', async (id, name, headers) => {
    await show('wrong-key', '/tools')
    await stage.page.getByRole('link', { name: `Enter another key for ${name}` }).click()
    await stage.page.getByRole('heading', { name: new RegExp(`^${name}`) }).waitFor()
    const main = stage.page.locator('main button[class*="_primary_"]')
    expect(await main.allTextContents()).toEqual(['Enter another key'])
    await main.click()
    await text('Type or paste the key first.').waitFor()
    await stage.page.getByLabel(`Key for ${name}`).fill('new-key')
    await main.click()
    await soon(() => expect(commands('servers.edit')).toHaveLength(1))
    expect(commands('servers.edit')[0]).toMatchObject({ id, kind: 'http', headers })
  })

  it('the doctor says what is wrong as something wrong, and its verdict at the end', async () => {
    await show('workspaces', '/doctor')
    const verdict = stage.page.locator('main [class*="summary"]').filter({ hasText: 'not tried' })
    await verdict.waitFor()
    const last = await stage.page.getByRole('listitem').last().boundingBox()
    expect((await verdict.boundingBox())!.y).toBeGreaterThan(last!.y)
    for (const row of await stage.page.getByRole('listitem').all()) {
      if ((await row.getByRole('img', { name: 'Does not work' }).count()) === 0) continue
      const { problem } = stage.host.world().diagnosis.findings.find(({ state }) => state === 'failed')!
      expect(await row.getByRole('heading').textContent()).toContain(problem!.message)
    }
  })
})
