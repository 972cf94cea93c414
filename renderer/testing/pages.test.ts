/** Long because the pages are built once and every check shares that build and one browser. */
import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { approval, call } from './samples.ts'
import { soon, useStage } from './stage.ts'

describe('pages', () => {
  const stage = useStage()
  const { show, button, commands, focused } = stage

  it('an approval: the refusal is focused, Esc refuses, nothing can be allowed by a double click', async () => {
    await show('approval')
    await stage.page.getByRole('alertdialog').waitFor()
    await soon(async () => expect(await focused()).toBe('Don’t allow'))
    await stage.page.keyboard.press('Escape')
    await soon(() => expect(commands('approvals.decide')).toEqual([{ id: 'a1', decision: 'deny' }]))
    await stage.page.getByRole('alertdialog').waitFor({ state: 'detached' })

    stage.host.world().approvals = [approval(Date.now(), { id: 'b1' })]
    stage.host.tell('approvals.changed', stage.host.world().approvals)
    await stage.page.getByRole('alertdialog').waitFor()
    expect(await button('Allow once').isDisabled()).toBe(true)
    await button('Allow once').click()
    await soon(() =>
      expect(commands('approvals.decide')[1]).toEqual({ id: 'b1', decision: 'once', seen: 'seen-b1' }),
    )
  })

  it('several requests are asked one by one, and counted in the title', async () => {
    await show('queue')
    await soon(async () => expect(await stage.page.title()).toBe('(4) Drawbridge'))
    await stage.page.getByText('3 more waiting after this').waitFor()
    await button('Decline').click()
    await stage.page.getByText('2 more waiting after this').waitFor()
    await button('Don’t allow').click()
    await stage.page.getByText('1 more waiting after this').waitFor()
    expect(commands('connections.deny')).toEqual([{ id: 'c1' }])
    expect(commands('approvals.decide')).toEqual([{ id: 'a1', decision: 'deny' }])
  })

  it('a connection: wrong digits are said in place, the right ones let in, Esc means later', async () => {
    await show('connection')
    const digits = stage.page.getByLabel('Three digits')
    await soon(async () =>
      expect(await digits.evaluate((input) => input === document.activeElement)).toBe(true),
    )
    await button('Let it in').click()
    await stage.page.getByText('Type all three digits first.').waitFor()
    expect(commands('connections.approve')).toEqual([])
    await digits.fill('9a9-9')
    await stage.page.keyboard.press('Enter')
    await stage.page.getByText('These are not the digits').waitFor()
    await stage.page.getByText('Look only').click()
    await digits.fill('123')
    await stage.page.keyboard.press('Enter')
    await stage.page.getByRole('alertdialog').waitFor({ state: 'detached' })
    expect(commands('connections.approve')).toEqual([
      { id: 'c1', digits: '999', access: 'ask', tools: null, expiresAt: null },
      { id: 'c1', digits: '123', access: 'look', tools: null, expiresAt: null },
    ])

    await show('stranger')
    await stage.page.getByText('This is not the address you were expecting.').waitFor()
    await soon(async () => expect(await focused()).toBe('Decline'))
    await stage.page.keyboard.press('Escape')
    await stage.page.getByRole('alertdialog').waitFor({ state: 'detached' })
    expect(commands('connections.deny')).toEqual([])
    await button('Answer now').click()
    await button('Decline').click()
    await soon(() => expect(commands('connections.deny')).toEqual([{ id: 'c1' }]))
  })

  it('has nothing to raise before anybody was let in, and says how to begin', async () => {
    await show('local')
    await stage.page.getByText('Connect an assistant below to begin.').first().waitFor()
    expect(await button('Raise the bridge').count()).toBe(0)
    await button('Open a public address').waitFor()
  })

  it('goes where it was led while its first page was still being fetched', async () => {
    stage.host.show('connected')
    const fetched = Promise.withResolvers<void>()
    const released = Promise.withResolvers<void>()
    await stage.page.route(/home-page.*\.js/, async (route) => {
      fetched.resolve()
      await released.promise
      await route.continue()
    })
    await stage.page.goto(stage.host.url, { waitUntil: 'commit' })
    await fetched.promise
    await stage.page.evaluate(() => {
      location.hash = '#/activity'
    })
    released.resolve()
    await stage.page.getByRole('heading', { level: 1, name: 'Activity' }).waitFor()
  })

  it('raises and lowers the bridge', async () => {
    await show('busy')
    await button('Raise the bridge').click()
    await stage.page.getByRole('heading', { name: 'The bridge is raised' }).waitFor()
    await button('Lower the bridge').click()
    await stage.page.getByRole('heading', { name: 'The bridge is down' }).waitFor()
  })

  it('ends all access only after a plain question, whose first answer changes nothing', async () => {
    await show('busy')
    await button('End all access…').click()
    const dialog = stage.page.getByRole('alertdialog')
    await dialog.getByText('every program needs a new key').waitFor()
    await soon(async () => expect(await focused()).toBe('Cancel'))
    await stage.page.keyboard.press('Enter')
    await dialog.waitFor({ state: 'detached' })
    expect(commands('bridge.raise')).toEqual([])
    await button('End all access…').click()
    await dialog.getByRole('button', { name: 'End all access' }).click()
    await stage.page.getByRole('heading', { name: 'The bridge is raised' }).waitFor()
    await stage.page.getByText('All access has ended').waitFor()
    expect(commands('bridge.raise')).toEqual([{ endAllAccess: true }])
    await stage.page.getByText('Nobody yet.').waitFor()
    // Nothing is left to be ended.
    await button('End all access…').waitFor({ state: 'detached' })
  })

  it.each(['/', '/access'])('pauses for an hour and resumes, on %s', async (path) => {
    await show('busy', path)
    await button('Pause 1 hour: MCP — Claude').click()
    await button('Resume MCP — Claude').waitFor()
    await stage.page.getByText(/(?:paused|refused) until \d/).waitFor()
    await button('Resume MCP — Claude').click()
    await button('Pause 1 hour: MCP — Claude').waitFor()
    await soon(() => {
      expect(commands('grants.pause')).toEqual([{ id: 'g2', minutes: 60 }])
      expect(commands('grants.resume')).toEqual([{ id: 'g2' }])
    })
  })

  it('shows the last calls on Home as they come, and revokes from there', async () => {
    await show('busy')
    const last = stage.page.getByRole('region', { name: 'Last calls' })
    await soon(async () => expect(await last.getByRole('listitem').count()).toBe(5))
    stage.host.tell('activity.added', { ...call(Date.now(), 0), id: 'new', tool: 'just_now' })
    await last.getByText('just_now').waitFor()
    expect(await last.getByRole('listitem').count()).toBe(5)
    await button('Revoke Home Assistant').click()
    await stage.page.getByRole('alertdialog').getByRole('button', { name: 'Revoke' }).click()
    await soon(() => expect(commands('grants.revoke')).toEqual([{ id: 'g3' }]))
  })

  it('takes keys for raising the bridge as they are pressed, and says when they do nothing', async () => {
    await show('busy', '/settings')
    await button('Choose keys…').click()
    await stage.page.keyboard.press('Control+C')
    await stage.page.getByText('Other programs use these keys.').waitFor()
    await stage.page.keyboard.press('Escape')
    await button('Choose keys…').waitFor()
    expect(commands('preferences.set')).toEqual([])
    await button('Choose keys…').click()
    await stage.page.keyboard.press('Control+Alt+KeyB')
    await soon(() => expect(commands('preferences.set')).toEqual([{ raiseShortcut: 'Control+Alt+B' }]))

    await show('keys-taken', '/settings')
    await stage.page.getByText('Another program has these keys').waitFor()
    await button('Try again').click()
    await button('Use no keys').click()
    await soon(() =>
      expect(commands('preferences.set')).toEqual([
        { raiseShortcut: 'Control+Alt+B' },
        { raiseShortcut: null },
      ]),
    )
    await show('keys-unheard', '/settings')
    await stage.page.getByText('Only the desktop app can listen for keys').waitFor()
    expect(await button('Choose keys…').count()).toBe(0)
  })

  it('takes a switch back when the change could not be saved, and says why', async () => {
    await show('errors', '/tools')
    const toggle = stage.page.getByRole('switch', { name: 'Read a file' })
    await toggle.click()
    await stage.page.getByText('The change could not be saved.').first().waitFor()
    await soon(async () => expect(await toggle.getAttribute('aria-checked')).toBe('true'))
  })

  it('adds a server from a pasted line, showing what will run', async () => {
    await show('busy', '/tools')
    await button('Add a server').click()
    await stage.page
      .getByRole('textbox', { name: 'Command' })
      .fill('npx -y @me/mcp-server-notes "/home/me/My Notes"')
    await stage.page
      .getByRole('region', { name: 'Exactly what will run' })
      .getByText('/home/me/My Notes')
      .waitFor()
    await button('Add and run it').click()
    await stage.page.getByRole('heading', { name: /^notes/ }).waitFor()
    expect(commands('servers.add')).toEqual([
      {
        kind: 'stdio',
        name: 'notes',
        command: 'npx',
        args: ['-y', '@me/mcp-server-notes', '/home/me/My Notes'],
        env: {},
        timeout: 30_000,
      },
    ])
  })

  it('shows a new key once', async () => {
    await show('busy', '/access')
    await button('Create a key').click()
    await stage.page.getByRole('textbox', { name: 'Name' }).fill('Editor')
    await button('Create the key').click()
    await stage.page.getByText('db_key_k').waitFor()
    await button('I have copied it').click()
    await stage.page.getByRole('heading', { name: /^Editor/ }).waitFor()
    expect(await stage.page.getByText('db_key_k').count()).toBe(0)
  })

  it('narrows a key by name, and says so in its entry', async () => {
    await show('busy', '/access')
    await button('Create a key').click()
    const dialog = stage.page.getByRole('dialog', { name: 'Create a key' })
    await dialog.getByRole('textbox', { name: 'Name' }).fill('Planner')
    await dialog.getByText('All abilities').waitFor()
    await button('Change abilities').click()
    await dialog.getByRole('radio', { name: 'Only reading from what I choose' }).click()
    await button('Create the key').click()
    await dialog.getByRole('alert').getByText('Choose at least one to read from.').waitFor()
    await dialog.getByRole('checkbox', { name: 'GitHub' }).check()
    await dialog.getByText('Only reading from GitHub').waitFor()
    await button('Create the key').click()
    await button('I have copied it').click()
    expect(commands('keys.create')).toEqual([
      expect.objectContaining({ name: 'Planner', abilities: ['mcp.access', 'github.read'] }),
    ])
    await stage.page.getByText('All tools · Only reading from GitHub · no end date').waitFor()
    await button('Details of Planner').click()
    await stage.page.getByRole('dialog').getByText('· Only reading from GitHub').waitFor()
  })

  it('a message does not lie over the buttons of a dialog', async () => {
    await stage.page.setViewportSize({ width: 360, height: 640 })
    await show('busy', '/access')
    await button('Details of MCP — Claude').click()
    await button('Ask again…').click()
    await stage.page.getByRole('alertdialog').getByRole('button', { name: 'Ask again', exact: true }).click()
    const message = stage.page.getByText('MCP — Claude must ask again')
    await message.waitFor()
    const [low, high] = await Promise.all([message.boundingBox(), button('Save').boundingBox()])
    expect(low!.y + low!.height).toBeLessThan(high!.y)
  })

  it('hands on only chosen tools, until a day, and says what keeps it from that', async () => {
    await show('narrow')
    const dialog = stage.page.getByRole('alertdialog')
    await dialog.getByText('It asks only to read from GitHub.').waitFor()
    await dialog.getByText('Work', { exact: true }).waitFor()
    await dialog.getByText('All tools, no end date').waitFor()
    await stage.page.getByLabel('Three digits').fill('123')
    await button('Change tools and end date').click()
    await stage.page.getByRole('radio', { name: 'Only the tools I choose' }).click()
    // Files is not in this workspace.
    expect(await dialog.getByRole('checkbox').count()).toBe(2)
    await button('None').click()
    await button('Let it in').click()
    await dialog.getByRole('alert').getByText('Choose at least one tool.').waitFor()
    await button('Show the tools of GitHub').click()
    await stage.page.getByRole('checkbox', { name: 'Repository stars' }).check()
    await stage.page.getByRole('combobox', { name: 'When does it end by itself?' }).click()
    await stage.page.getByRole('option', { name: 'In 1 week' }).click()
    await dialog.getByText('1 chosen tool, ends in 1 week').waitFor()
    await button('Let it in').click()
    await dialog.waitFor({ state: 'detached' })
    const [sent] = commands('connections.approve') as { tools: string[]; expiresAt: number }[]
    expect(sent?.tools).toEqual(['get_github_stars'])
    expect(Math.abs((sent?.expiresAt ?? 0) - Date.now() - 7 * 86_400_000)).toBeLessThan(60_000)
  })

  it('lets a client back in with one press and no more than it had', async () => {
    await show('narrowed')
    await stage.page.getByText('2 chosen tools, no end date').waitFor()
    await soon(async () => expect(await focused()).toBe('Decline'))
    await button('Let it back in').click()
    await stage.page.getByRole('alertdialog').waitFor({ state: 'detached' })
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
    const dialog = stage.page.getByRole('dialog', { name: 'MCP — ChatGPT' })
    await dialog.getByText('At your public address').first().waitFor()
    await dialog.getByRole('textbox', { name: 'Name' }).fill('MCP — ChatGPT (work)')
    await button('Change tools and end date').click()
    await stage.page.getByRole('combobox', { name: 'When does it end by itself?' }).click()
    await stage.page.getByRole('option', { name: 'On a day I choose' }).click()
    await button('Save').click()
    await dialog.getByText('Choose the last day.').waitFor()
    await stage.page.getByLabel('Last day').fill('2099-12-31')
    await button('Save').click()
    await dialog.waitFor({ state: 'detached' })
    expect(commands('grants.update')).toEqual([
      {
        id: 'g1',
        name: 'MCP — ChatGPT (work)',
        expiresAt: new Date(2099, 11, 31, 23, 59, 59, 999).getTime(),
      },
    ])
    await stage.page.getByText('until 31 Dec 2099').waitFor()

    await button('Details of MCP — Claude').click()
    await button('Ask again…').click()
    await stage.page.getByRole('alertdialog').getByRole('button', { name: 'Ask again', exact: true }).click()
    await stage.page.getByText('Nowhere. It must ask you').waitFor()
    await button('Cancel').click()
    await stage.page.getByText('Must ask again', { exact: true }).waitFor()
  })

  it('registers an app, shows its secret once, and saves it as a file', async () => {
    await show('busy', '/access')
    await button('Register an app').click()
    await stage.page.getByRole('textbox', { name: 'Name' }).fill('Notebook')
    await button('Register it').click()
    await stage.page.getByText('Paste the redirect address').waitFor()
    await stage.page.getByLabel('Redirect addresses').fill('https://notebook.example/cb')
    await stage.page.getByLabel('It can keep a secret').check()
    await button('Register it').click()
    await stage.page.getByText('db_secret_s').first().waitFor()
    const [download] = await Promise.all([
      stage.page.waitForEvent('download'),
      button('Download JSON').click(),
    ])
    expect(download.suggestedFilename()).toBe('notebook-credentials.json')
    expect(JSON.parse(await readFile(await download.path(), 'utf8'))).toMatchObject({
      client_secret: expect.stringContaining('db_secret_s'),
      redirect_uris: ['https://notebook.example/cb'],
    })
    await button('I have copied it').click()
    expect(await stage.page.getByText('db_secret_s').count()).toBe(0)
    await button('Remove Notebook').click()
    await stage.page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click()
    await stage.page.getByRole('heading', { name: /^Notebook/ }).waitFor({ state: 'detached' })
  })

  it('adds a workspace and removes it', async () => {
    await show('busy', '/tools')
    await button('Add a workspace').click()
    await stage.page.getByRole('textbox', { name: 'Name' }).fill('Work & Family')
    await button('Add the workspace').click()
    await stage.page.getByText('Use letters, digits').waitFor()
    await stage.page.getByRole('textbox', { name: 'Name' }).fill('Work 2')
    await stage.page.getByRole('checkbox', { name: 'GitHub' }).check()
    await button('Add the workspace').click()
    await stage.page.getByRole('heading', { name: 'Work 2' }).waitFor()
    expect(commands('workspaces.create')).toEqual([{ name: 'work-2', title: 'Work 2', sources: ['github'] }])
    await button('Remove Work 2').click()
    await stage.page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click()
    await stage.page.getByRole('heading', { name: 'Work 2' }).waitFor({ state: 'detached' })
  })

  it('settings: the list of websites, and new signing keys', async () => {
    await show('busy', '/settings')
    await stage.page.getByRole('switch').click()
    await button('Take claude.com off the list').click()
    await stage.page.getByLabel('Another website').fill('not a name')
    await button('Add').click()
    await stage.page.getByText('Type a name such as').waitFor()
    await stage.page.getByLabel('Another website').fill('https://notes.example/cb')
    await stage.page.keyboard.press('Enter')
    await stage.page.getByText('notes.example', { exact: true }).waitFor()
    await soon(() =>
      expect(commands('preferences.set').at(-1)).toEqual({
        redirectDomains: ['chatgpt.com', 'claude.ai', 'notes.example'],
      }),
    )
    await button('Rotate signing keys').click()
    const dialog = stage.page.getByRole('alertdialog')
    await soon(async () => expect(await focused()).toBe('Cancel'))
    await dialog.getByLabel('Also end named keys').check()
    await dialog.getByRole('button', { name: 'Rotate signing keys' }).click()
    await dialog.waitFor({ state: 'detached' })
    expect(commands('security.rotate')).toEqual([{ keys: true }])
  })

  it('what cannot be added to a list in Settings is not typed in vain', async () => {
    await show('busy', '/settings')
    const field = stage.page.getByLabel('Address of the page')
    stage.host.world().failing['preferences.set'] = { code: 'busy', message: 'Not now.', hint: 'Try again.' }
    await field.fill('http://localhost:6274')
    await stage.page.keyboard.press('Enter')
    await stage.page.getByText('Not now.').first().waitFor()
    expect(await field.inputValue()).toBe('http://localhost:6274')
    stage.host.world().failing = {}
    await stage.page.keyboard.press('Enter')
    await soon(async () => expect(await field.inputValue()).toBe(''))
  })

  it('checks at once when asked to, once per visit, and again on request', async () => {
    await show('busy')
    await stage.page.getByRole('link', { name: 'Check like ChatGPT would' }).click()
    await stage.page.getByText('ChatGPT can find you').waitFor()
    await stage.page.getByText('8 fine').waitFor()
    await stage.page.getByRole('heading', { name: 'Answers come quickly' }).waitFor()
    expect(commands('doctor.run')).toEqual([{ workspace: 'default' }])
    await button('Check again').click()
    await soon(() => expect(commands('doctor.run')).toHaveLength(2))
  })

  it('says what to do in each app after the address changed', async () => {
    await show('moved')
    const card = stage.page.getByRole('region', { name: 'Your address has changed' })
    await card.getByText('In ChatGPT, remove the connector').waitFor()
    await card.getByText('https://brave-heron-12.loca.lt/mcp').waitFor()
    expect(await card.getByRole('listitem').count()).toBe(3)
    stage.host.world().grants = []
    stage.host.tell('grants.changed', {})
    await card.waitFor({ state: 'detached' })
  })

  it('leads each app back after the address changed, one by one, by its own steps', async () => {
    await show('moved')
    await stage.page.getByRole('region', { name: 'Your address has changed' }).getByRole('link').click()
    const claude = stage.page.getByRole('region', { name: 'MCP — Claude' })
    await claude.getByText('Knows only the old address').waitFor()
    expect(await claude.getByRole('listitem').count()).toBe(0)
    await claude.getByRole('button', { name: 'Show the steps' }).click()
    await claude.getByText('Press “Add custom connector”').waitFor()
    await stage.page
      .getByRole('region', { name: 'MCP — ChatGPT' })
      .getByText('Open chatgpt.com/plugins')
      .waitFor()
    await stage.page.getByRole('region', { name: 'Home Assistant' }).getByText('Is back').waitFor()
    const world = stage.host.world()
    world.move = {
      ...world.move!,
      apps: world.move!.apps.filter(({ state }) => state === 'back'),
      done: true,
    }
    stage.host.tell('grants.changed', {})
    await stage.page.getByText('Everybody is back').waitFor()
    expect(await claude.count()).toBe(0)
  })

  it('says when nobody could get through, and keeps the computer awake once that is chosen', async () => {
    await show('away')
    await stage.page.getByText(/^2 times before that, and: |^Once before that, and: /).waitFor()
    await show('away', '/activity')
    await stage.page.getByText(/Asleep .*–.*\./).waitFor()
    await show('busy', '/settings')
    await stage.page.getByRole('combobox', { name: 'While assistants can reach this computer' }).click()
    await stage.page.getByRole('option', { name: 'Stay awake' }).click()
    await soon(() => expect(commands('preferences.set')).toContainEqual({ keepAwake: true }))
  })

  it('says on Home who works with an old list of tools, until it fetched today’s', async () => {
    await show('busy')
    const card = stage.page.getByRole('region', { name: 'An old list of tools' })
    await card.getByText('In ChatGPT, open Drawbridge in your list of plugins and press Refresh').waitFor()
    await card.locator('summary').click()
    await card.getByText(/\/mcp\?v=\d+$/).waitFor()
    const [first] = stage.host.world().grants
    first!.served = { ...first!.served!, current: true }
    stage.host.tell('grants.changed', {})
    await card.waitFor({ state: 'detached' })
  })

  it('lists thousands of calls in few rows, live, and keeps the place of who reads further down', async () => {
    await show('many', '/activity')
    const rows = stage.page.getByRole('option')
    await rows.first().waitFor()
    expect(await rows.count()).toBeLessThan(60)
    expect((await rows.first().boundingBox())?.height).toBe(32)

    const fresh = { ...call(Date.now(), 0), id: 'fresh-1', tool: 'brand_new', at: Date.now() }
    stage.host.tell('activity.added', { ...fresh, outcome: 'running' })
    stage.host.tell('activity.added', fresh)
    await stage.page.getByText('brand_new').waitFor()
    expect(await stage.page.getByText('brand_new').count()).toBe(1)

    const list = stage.page.getByRole('listbox')
    await list.evaluate((element) => element.scrollTo(0, 3_200))
    const place = () =>
      list.evaluate((element) => {
        const { x, y } = element.getBoundingClientRect()
        return document.elementFromPoint(x + 300, y + 100)?.closest('[role=option]')?.id
      })
    await soon(async () => expect(await place()).toBeDefined())
    await stage.page.waitForTimeout(200)
    const before = await place()
    for (let i = 2; i < 7; i++)
      stage.host.tell('activity.added', { ...fresh, id: `fresh-${i}`, at: Date.now() + i })
    await stage.page.waitForTimeout(400)
    expect(await place()).toBe(before)

    await list.focus()
    await stage.page.keyboard.press('Home')
    await stage.page.keyboard.press('ArrowDown')
    await stage.page.getByRole('complementary', { name: 'The call in full' }).waitFor()
    await stage.page.keyboard.press('Escape')
    await stage.page.getByRole('complementary', { name: 'The call in full' }).waitFor({ state: 'detached' })
  })

  it('cuts nothing off between the narrow and the wide, as at 200 % of a usual screen', async () => {
    for (const width of [360, 720, 820, 900, 1000]) {
      await stage.page.setViewportSize({ width, height: 760 })
      for (const [path, parts] of [
        ['/activity', '[role=option] > *'],
        ['/access', 'main li'],
      ] as const) {
        await show('busy', path)
        await stage.page.locator(parts).first().waitFor()
        const cut = await stage.page
          .locator(parts)
          .evaluateAll((all) =>
            all.filter((one) => one.getBoundingClientRect().right > innerWidth).map((one) => one.textContent),
          )
        expect(cut, `${path} at ${width}`).toEqual([])
      }
      const name = await stage.page.locator('main li').first().locator('div').first().boundingBox()
      expect(name!.width, `who it is at ${width}`).toBeGreaterThan(230)
    }
  })

  it('Home lists what needs you, and all of it when asked', async () => {
    const world = stage.host.show('elsewhere')
    const [one] = world.status.notices
    world.status.notices = Array.from({ length: 9 }, (_, at) => ({
      ...one!,
      id: `n${at}`,
      message: `News ${at}.`,
    }))
    await stage.page.goto(`${stage.host.url}#/`)
    const news = stage.page.getByRole('region', { name: 'Needs you' }).getByText(/^News/)
    await button('Show 3 more').click()
    await soon(async () => expect(await news.count()).toBe(9))
    expect(await button('Show 3 more').count()).toBe(0)
  })

  it('shows text from outside as text', async () => {
    stage.host.show('approval')
    stage.host.world().approvals = [
      approval(
        Date.now(),
        { toolTitle: '<img src=x onerror=alert(1)>' },
        { a: '</pre><script>alert(1)</script>' },
      ),
    ]
    await stage.page.goto(stage.host.url)
    await stage.page.getByRole('alertdialog').getByText('<img src=x onerror=alert(1)>').first().waitFor()
    await stage.page.getByText('</pre><script>alert(1)</script>').waitFor()
  })
})
