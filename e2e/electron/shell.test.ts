import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import type { Page } from '@playwright/test'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Reply } from '../../src/contract/pipe.ts'
import { electronBinary, launchApp, type RunningApp, repository, shellKind } from './launch-app.ts'
import { serverProcesses } from './server-processes.ts'

const onStandin = electronBinary() === null

let home: string
let files: string
let app: RunningApp
let page: Page
let mcpUrl: string
let token: string
let client: Client
const complaints: string[] = []

const env = () => ({
  HOME: home,
  DBUS_SESSION_BUS_ADDRESS: '',
  DRAWBRIDGE_DATA: '',
  // Nobody listens there: the public address stays offline, and everything on this computer works.
  DRAWBRIDGE_TUNNEL_HOST: 'http://127.0.0.1:9',
})
const dataDir = () => join(home, 'data')

/** What the page itself would do: through the preload and IPC. */
async function call<T>(name: string, input?: unknown): Promise<T> {
  const reply = (await page.evaluate(
    `drawbridge.call(${JSON.stringify(name)}, ${JSON.stringify(input) ?? 'undefined'})`,
  )) as Reply<T>
  if (!reply.ok) throw new Error(`${name}: ${reply.error.message} ${reply.error.hint}`)
  return reply.value
}

async function connect(): Promise<Client> {
  const mcp = new Client({ name: 'shell-test', version: '1.0.0' })
  await mcp.connect(
    new StreamableHTTPClientTransport(new URL(mcpUrl), {
      requestInit: { headers: { authorization: `Bearer ${token}` } },
    }),
  )
  return mcp
}

const write = (name: string) =>
  client.callTool({
    name: 'files__write_file',
    arguments: { path: join(files, name), content: `content of ${name}` },
  })
/** Changes something, and deletes nothing. */
const makeFolder = (name: string) =>
  client.callTool({ name: 'files__create_directory', arguments: { path: join(files, name) } })
const read = (name: string) =>
  client.callTool({ name: 'files__read_text_file', arguments: { path: join(files, name) } })

const trayLabels = async () => (await app.shell.tray()).items.map(({ label }) => label)
/** Long enough for a busy machine. */
const soon = <T>(check: () => Promise<T>) => vi.waitFor(check, { timeout: 15_000 })
/** What can be read of the one question that waits, and what can be pressed. */
const waitingMenu = async () => {
  const line = await waitingLine()
  return (await app.shell.tray()).items.find(({ label }) => label === line)!.items!
}
const waitingLine = () =>
  soon(async () => {
    const line = (await trayLabels()).find((label) => label.includes('wants to use'))
    expect(line).toBeDefined()
    return line!
  })
const nothingWaits = () => soon(async () => expect((await trayLabels()).join()).not.toContain('wants to use'))

beforeAll(async () => {
  process.stdout.write(`The desktop shell runs on: ${shellKind()}\n`)
  home = mkdtempSync(join(tmpdir(), 'drawbridge-shell-'))
  files = join(home, 'files')
  mkdirSync(files)
  writeFileSync(join(files, 'there.txt'), 'already there')
  app = await launchApp({ dataDir: dataDir(), args: ['--port', '0'], env: env() })
  page = await app.page()
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  // A page that still comes up for the first time cannot be reloaded.
  await page.locator('h1').first().waitFor()
  await page.reload()
  await call('servers.add', {
    kind: 'stdio',
    name: 'Files',
    command: process.execPath,
    args: [join(repository, 'node_modules/@modelcontextprotocol/server-filesystem/dist/index.js'), files],
  })
  const key = await call<{ token: string }>('keys.create', { name: 'Shell test', access: 'ask' })
  token = key.token
  mcpUrl = (await call<{ bridge: { localUrl: string } }>('status.get')).bridge.localUrl
  client = await connect()
}, 60_000)

afterAll(async () => {
  await client?.close().catch(() => {})
  await app?.stop()
  rmSync(home, { recursive: true, force: true })
})

describe('the window', () => {
  it('shows our page under its strict policy', async () => {
    await page.locator('h1').first().waitFor()
    expect(await page.title()).toContain('Drawbridge')
    expect(complaints).toEqual([])
    expect(await app.shell.window()).toMatchObject({
      visible: true,
      count: 1,
      preferences: {
        contextIsolation: true,
        sandbox: true,
        webSecurity: true,
        nodeIntegration: false,
        webviewTag: false,
      },
    })
  })

  it('gives the page two functions and nothing else', async () => {
    expect(await page.evaluate('Object.keys(drawbridge).sort()')).toEqual(['call', 'on'])
    expect(
      await page.evaluate('[typeof require, typeof process, typeof module, typeof ipcRenderer]'),
    ).toEqual(['undefined', 'undefined', 'undefined', 'undefined'])
    expect(await page.evaluate('drawbridge.call("no.such.call")')).toMatchObject({ ok: false })
    expect(await page.evaluate('drawbridge.call("keys.create", { name: "" })')).toMatchObject({ ok: false })
  })

  it('does not let the page go elsewhere', async () => {
    const before = page.url()
    await page.evaluate('void (location.href = "https://evil.example/1")')
    await page.evaluate('void window.open("http://evil.example/2")')
    await page.evaluate('void window.open("https://help.example/3")')
    await soon(async () => expect((await app.shell.outside()).opened).toEqual(['https://help.example/3']))
    expect(page.url()).toBe(before)
    expect((await app.shell.outside()).escapes).toEqual([])
    expect((await app.shell.window()).count).toBe(1)
    expect(await page.evaluate('fetch("https://evil.example/4").catch(() => "refused")')).toBe('refused')
  })

  it('takes a folder from the system’s own dialog, one at a time, and adds it when told to', async () => {
    const folder = join(home, 'Papers')
    mkdirSync(folder)
    const choosing = () => page.getByRole('button', { name: 'Add a folder' }).first().click()
    const opened = (count: number) =>
      soon(async () => {
        const shown = (await app.shell.dialogs()).filter(({ kind }) => kind === 'openDirectory')
        expect(shown).toHaveLength(count)
        expect(shown[0]).toMatchObject({ message: 'Add a folder', detail: 'Choose this folder' })
      })
    await choosing()
    await opened(1)
    // Whoever else asks gets what is chosen in the one that is open.
    const another = call<{ path: string | null }>('folders.choose')
    // What is asked later arrives later.
    await call('status.get')
    await app.shell.chooseFolder(null)
    expect(await another).toEqual({ path: null })
    expect(await page.getByRole('dialog').count()).toBe(0)

    await choosing()
    await opened(2)
    await app.shell.chooseFolder(folder)
    await page.getByRole('dialog').getByText('Assistants you allow will find').waitFor()
    expect(await page.getByLabel('Folder', { exact: true }).inputValue()).toBe(folder)
    // Chosen is not yet added.
    expect(await call('folders.list')).toEqual([])
    await page.getByRole('button', { name: 'Add this folder' }).click()
    await soon(async () =>
      expect(await call('folders.list')).toMatchObject([{ name: 'Papers', path: folder }]),
    )
    const [added] = await call<{ id: string }[]>('folders.list')
    await call('folders.remove', { id: added!.id })
  })

  it.runIf(onStandin)('asks for no permission but copying', async () => {
    const none = { requested: false, checked: false, device: false }
    for (const permission of ['media', 'geolocation', 'notifications', 'clipboard-read', 'openExternal'])
      expect(await app.shell.permission(permission, 'app://drawbridge')).toEqual(none)
    const write = 'clipboard-sanitized-write'
    expect(await app.shell.permission(write, 'https://evil.example')).toEqual(none)
    expect(await app.shell.permission(write, 'app://drawbridge')).toMatchObject({ checked: true })
    expect(await app.shell.privileges()).toEqual({
      app: { standard: true, secure: true, supportFetchAPI: true },
    })
  })

  it('hides when closed, and comes back from the tray', async () => {
    await app.shell.closeWindow()
    expect(await app.shell.window()).toMatchObject({ visible: false, count: 1 })
    await app.shell.clickTray(['Open Drawbridge'])
    expect((await app.shell.window()).visible).toBe(true)
    expect((await client.listTools()).tools.length).toBeGreaterThan(5)
  })

  it('is brought to the front by a second start, which then ends', async () => {
    await app.shell.closeWindow()
    const second = await launchApp({ dataDir: dataDir(), env: env() }).catch(() => null)
    expect(await second?.exited).toBe(0)
    await soon(async () => expect((await app.shell.window()).visible).toBe(true))
    expect((await app.shell.window()).focused).toBeGreaterThan(0)
  })
})

describe('the tray', () => {
  it('says what the bridge does', async () => {
    const { items, image } = await app.shell.tray()
    expect(items[0]).toEqual({ label: 'The bridge is down for this computer only', enabled: false })
    expect(image).toMatch(/lowered\.png$/)
  })

  it('lets a read pass without asking', async () => {
    expect(JSON.stringify(await read('there.txt'))).toContain('already there')
    expect(await app.shell.notifications()).toEqual([])
  })

  it('approves a waiting call once', async () => {
    const pending = makeFolder('approved')
    const line = await waitingLine()
    expect(line).toBe('Shell test wants to use files__create_directory')
    expect(await waitingMenu()).toEqual([
      { label: `files__create_directory {"path":"${join(files, 'approved')}"}`, enabled: false },
      { label: 'From Files (files__create_directory)', enabled: false },
      { label: 'Review…', enabled: true },
      { label: 'Allow once', enabled: true },
      { label: "Don't allow", enabled: true },
    ])
    expect((await app.shell.tray()).image).toMatch(/attention\.png$/)
    expect(existsSync(join(files, 'approved'))).toBe(false)
    await app.shell.clickTray([line, 'Allow once'])
    expect((await pending).isError ?? false).toBe(false)
    expect(existsSync(join(files, 'approved'))).toBe(true)
    await nothingWaits()
    expect(await app.shell.notifications()).toEqual([])
    // Once is once: the same call asks again.
    const again = makeFolder('approved')
    await app.shell.clickTray([await waitingLine(), "Don't allow"])
    await again.catch(() => {})
  })

  it('denies a waiting call', async () => {
    const pending = write('denied.txt').then(
      (result) => JSON.stringify(result),
      (error: Error) => error.message,
    )
    await app.shell.clickTray([await waitingLine(), "Don't allow"])
    expect(await pending).toMatch(/not allow|denied|refused/i)
    expect(existsSync(join(files, 'denied.txt'))).toBe(false)
    await nothingWaits()
  })

  it('leaves to the window what can delete, and opens it on exactly this', async () => {
    await app.shell.closeWindow()
    const older = makeFolder('older').catch(() => {})
    await waitingLine()
    const pending = write('looked-at.txt')
    const line = await soon(async () => {
      const found = (await trayLabels()).find((label) => label.endsWith('files__write_file'))
      expect(found).toBeDefined()
      return found!
    })
    await expect(app.shell.clickTray([line, 'Allow once'])).rejects.toThrow('has no "Allow once"')
    await app.shell.clickTray([line, 'Review…'])
    expect((await app.shell.window()).visible).toBe(true)
    const dialog = page.getByRole('alertdialog')
    await dialog.getByText('content of looked-at.txt').waitFor()
    expect(existsSync(join(files, 'looked-at.txt'))).toBe(false)
    await dialog.getByRole('button', { name: 'Allow once' }).click()
    expect((await pending).isError ?? false).toBe(false)
    expect(readFileSync(join(files, 'looked-at.txt'), 'utf8')).toBe('content of looked-at.txt')
    await app.shell.clickTray([await waitingLine(), "Don't allow"])
    await older
    await nothingWaits()
  })
})

describe('notifications', () => {
  it('show what would run, and decide by their buttons only', async () => {
    await app.shell.closeWindow()
    const pending = makeFolder('noted').catch(() => {})
    const notification = await soon(async () => {
      const [first] = await app.shell.notifications()
      expect(first).toBeDefined()
      return first!
    })
    expect(notification.title).toBe('Shell test waits for you')
    expect(notification.body.split('\n')[0]).toBe(
      `files__create_directory {"path":"${join(files, 'noted')}"}`,
    )
    expect(notification.actions.map(({ text }) => text)).toEqual(['Allow once', "Don't allow"])
    await app.shell.clickNotification(0)
    expect((await app.shell.window()).visible).toBe(true)
    expect(await waitingLine()).toBeDefined()
    await app.shell.pressNotification(0, 1)
    await pending
    await nothingWaits()
    expect(existsSync(join(files, 'noted'))).toBe(false)
    expect(await app.shell.notifications()).toEqual([])
  })

  it('can approve, too', async () => {
    const pending = makeFolder('noted-and-approved')
    await soon(async () => expect(await app.shell.notifications()).toHaveLength(1))
    await app.shell.pressNotification(0, 0)
    await pending
    expect(existsSync(join(files, 'noted-and-approved'))).toBe(true)
  })

  it('only lead to the window, where they cannot show all of it', async () => {
    await app.shell.closeWindow()
    const name = `${'long-'.repeat(30)}name`
    const pending = makeFolder(name).catch(() => {})
    await soon(async () => expect(await app.shell.notifications()).toHaveLength(1))
    const [notification] = await app.shell.notifications()
    expect(notification!.body.split('\n')[0]).toMatch(/…$/)
    expect(notification!.actions.map(({ text }) => text)).toEqual(['Review…', "Don't allow"])
    await app.shell.pressNotification(0, 0)
    expect((await app.shell.window()).visible).toBe(true)
    await page.getByRole('alertdialog').getByText(name).waitFor()
    await app.shell.pressNotification(0, 1)
    await pending
    expect(existsSync(join(files, name))).toBe(false)
  })
})

describe('who may come in, in the tray', () => {
  const entry = (name: string) =>
    soon(async () => {
      const found = (await app.shell.tray()).items.find(({ label }) => label.startsWith(name))
      expect(found).toBeDefined()
      return found!
    })
  const shownAs = (name: string, label: RegExp | string) =>
    soon(async () => {
      const found = await entry(name)
      expect(found.label).toMatch(label)
      return found
    })

  it('is paused for an hour, which the assistant is told, and resumed', async () => {
    const key = await entry('Shell test')
    expect(key.items!.map(({ label }) => label)).toEqual(['Ask before changes', 'Pause 1 hour', 'Revoke…'])
    const pending = makeFolder('while-paused').catch(() => {})
    await waitingLine()
    await app.shell.clickTray(['Shell test', 'Pause 1 hour'])
    const paused = await shownAs('Shell test', /^Shell test \(paused until .*\d\d:\d\d\)$/)
    await pending
    await nothingWaits()
    expect(existsSync(join(files, 'while-paused'))).toBe(false)
    const told = await read('there.txt')
    expect(told.isError).toBe(true)
    expect(JSON.stringify(told)).toContain('The owner has paused this connection until ')
    await app.shell.clickTray([paused.label, 'Resume'])
    await shownAs('Shell test', /^Shell test$/)
    expect(JSON.stringify(await read('there.txt'))).toContain('already there')
  })

  it('loses its last rule with one click, and all of them after a question', async () => {
    const folder = 'files__create_directory'
    const rules = () => call<{ tool: string; state: string; effect: string }[]>('rules.list')
    const answerNext = async (decision: 'tool' | 'never') => {
      await waitingLine()
      const [{ id }] = (await call<[{ id: string }]>('approvals.list'))!
      const { seen } = await call<{ seen: string }>('approvals.get', { id })
      await call('approvals.decide', decision === 'never' ? { id, decision } : { id, decision, seen })
    }
    const allowed = makeFolder('by-answer')
    await answerNext('tool')
    await allowed
    await makeFolder('by-rule')
    expect(existsSync(join(files, 'by-rule'))).toBe(true)
    const refused = write('never.txt')
    await answerNext('never')
    expect((await refused).isError).toBe(true)
    const last = (words: string) =>
      soon(async () => {
        const found = (await trayLabels()).find((label) => label.startsWith('Revoke the last rule: '))
        expect(found ?? '').toContain(words)
        return found!
      })
    await app.shell.clickTray([await last('Shell test may never use files__write_file (since ')])
    const next = await last(`Shell test may use ${folder} with anything (since `)
    expect((await rules()).map(({ tool }) => tool)).toEqual([folder])

    const all = ['Shell test', 'Revoke all rules of this assistant…']
    await app.shell.clickTray(all)
    const asked = await soon(async () => {
      const question = (await app.shell.dialogs()).at(-1)
      expect(question?.message).toBe('Revoke all rules of “Shell test”?')
      return question!
    })
    expect(asked.buttons).toEqual(['Keep them', 'Revoke'])
    expect(await rules()).toHaveLength(1)
    await app.shell.willPress('Revoke')
    await app.shell.clickTray(all)
    await soon(async () => expect(await rules()).toEqual([]))
    await soon(async () => expect(await trayLabels()).not.toContain(next))
    expect((await entry('Shell test')).items!.map(({ label }) => label)).not.toContain(all[1])
    const again = makeFolder('asked-again').catch(() => {})
    await app.shell.clickTray([await waitingLine(), "Don't allow"])
    await again
    await nothingWaits()
    expect(existsSync(join(files, 'asked-again'))).toBe(false)
  })

  it('is revoked only after a question whose first answer keeps it', async () => {
    const made = { name: 'Extra', access: 'look' }
    const { token, grant } = await call<{ token: string; grant: { id: string } }>('keys.create', made)
    await call('grants.update', { id: grant.id, name: 'R & D, key' })
    const name = 'R && D, key'
    await entry(name)
    const works = async () =>
      (await fetch(mcpUrl, { method: 'POST', headers: { authorization: `Bearer ${token}` } })).status !== 401
    await app.shell.clickTray([name, 'Revoke…'])
    const asked = await soon(async () => {
      const last = (await app.shell.dialogs()).at(-1)
      expect(last?.message).toBe('Revoke “R & D, key”?')
      return last!
    })
    expect(asked.buttons).toEqual(['Keep it', 'Revoke'])
    expect(asked.detail).toContain('The key cannot be brought back')
    expect(await works()).toBe(true)
    await app.shell.willPress('Revoke')
    await app.shell.clickTray([name, 'Revoke…'])
    await soon(async () => expect(await works()).toBe(false))
    await soon(async () => expect((await trayLabels()).join()).not.toContain(name))
  })

  it('stands beside the last calls, which lead to the log', async () => {
    await read('there.txt')
    const line = await soon(async () => {
      const menu = (await app.shell.tray()).items.find(({ label }) => label === 'Last calls')
      const first = menu?.items?.[0]?.label
      expect(first).toMatch(/^\d\d:\d\d Shell test: files__read_text_file \(Answered\)$/)
      expect(menu!.items!.length).toBeLessThanOrEqual(5)
      return first!
    })
    await app.shell.closeWindow()
    await app.shell.clickTray(['Last calls', line])
    expect((await app.shell.window()).visible).toBe(true)
    await page.getByRole('heading', { name: 'Activity' }).waitFor()
  })

  it('says what is wrong, with a picture of its own, and leads to it', async () => {
    const broken = call<{ id: string }>('servers.add', {
      kind: 'stdio',
      name: 'Broken one',
      command: process.execPath,
      args: ['-e', 'process.exit(1)'],
    }).catch(() => null)
    const line = await vi.waitFor(
      async () => {
        const found = (await trayLabels()).find((label) => label.startsWith('“Broken one”'))
        expect(found).toBeDefined()
        return found!
      },
      { timeout: 20_000 },
    )
    expect((await app.shell.tray()).image).toMatch(/trouble\.png$/)
    expect((await app.shell.tray()).tooltip).toContain('1 thing needs you')
    await app.shell.closeWindow()
    await app.shell.clickTray([line])
    expect((await app.shell.window()).visible).toBe(true)
    await broken
    const [server] = (await call<{ id: string; name: string }[]>('servers.list')).filter(({ name }) =>
      name.startsWith('Broken'),
    )
    await call('servers.remove', { id: server!.id })
    await soon(async () => expect((await app.shell.tray()).image).toMatch(/lowered\.png$/))
  })
})

describe('what is done past the window', () => {
  it('is told by a notification that decides nothing, and in the window', async () => {
    const drawbridge = (...args: string[]) =>
      promisify(execFile)(
        process.execPath,
        [join(repository, 'out/main/drawbridge.js'), ...args, '--data', dataDir()],
        { env: { PATH: process.env.PATH, HOME: home } },
      )
    await drawbridge('key', 'create', '--name', 'Planted', '--access', 'everything')
    const told = await soon(async () => {
      const [first] = await app.shell.notifications()
      expect(first?.body).toContain('A key “Planted” with “Everything” was made on the command line at ')
      return first!
    })
    expect(told.actions).toEqual([])
    await page.getByText('A key “Planted” with “Everything” was made on the command line').waitFor()
    await call('keys.create', { name: 'In the window', access: 'look' })
    const { notices } = await call<{ notices: { id: string; message: string }[] }>('status.get')
    expect(notices.map(({ message }) => message.includes('Planted'))).toEqual([true])
    await call('notices.dismiss', { id: notices[0]!.id })
    await app.shell.clickNotification(0)
  })
})

describe('raising the bridge from the tray', () => {
  it('refuses everybody at once, and lowering lets those who were allowed back in', async () => {
    const waiting = write('cut-off.txt').then(
      (result) => JSON.stringify(result),
      (error: Error) => error.message,
    )
    await waitingLine()
    await app.shell.clickTray(['Raise the bridge'])
    await vi.waitFor(async () => expect((await trayLabels())[0]).toContain('raised'), { timeout: 3_000 })
    expect((await app.shell.tray()).image).toMatch(/raised\.png$/)
    await expect(read('there.txt')).rejects.toThrow()
    const bare = await fetch(mcpUrl, { method: 'POST', headers: { authorization: `Bearer ${token}` } })
    expect(bare.status).toBe(503)
    await waiting
    expect(existsSync(join(files, 'cut-off.txt'))).toBe(false)
    await nothingWaits()

    await app.shell.clickTray(['Lower the bridge'])
    await soon(async () => expect((await trayLabels())[0]).not.toContain('raised'))
    await client.close().catch(() => {})
    client = await connect()
    expect(JSON.stringify(await read('there.txt'))).toContain('already there')
  })
})

describe('keys that raise the bridge', () => {
  const keys = 'Control+Alt+B'
  const state = async () =>
    (await call<{ raiseShortcut: { keys: string | null; state: string } }>('status.get')).raiseShortcut

  it('are nobody’s until they are chosen, and raise it then, which is told', async () => {
    expect(await app.shell.shortcuts()).toEqual([])
    expect(await state()).toEqual({ keys: null, state: 'off' })
    await call('preferences.set', { raiseShortcut: keys })
    expect(await app.shell.shortcuts()).toEqual([keys])
    expect(await state()).toEqual({ keys, state: 'on' })
    await app.shell.closeWindow()
    await app.shell.pressKeys(keys)
    await soon(async () => expect((await trayLabels())[0]).toContain('raised'))
    const told = await soon(async () => {
      const all = await app.shell.notifications()
      const at = all.findIndex(({ title }) => title === 'The bridge is raised: nobody passes')
      expect(at).toBeGreaterThanOrEqual(0)
      return { ...all[at]!, at }
    })
    expect(told.actions).toEqual([])
    await app.shell.clickNotification(told.at)
    expect((await app.shell.window()).visible).toBe(true)
    await app.shell.clickTray(['Lower the bridge'])
    await soon(async () => expect((await trayLabels())[0]).not.toContain('raised'))
  })

  it('are said to do nothing when another program has them, until it lets go', async () => {
    await call('preferences.set', { raiseShortcut: null })
    await app.shell.otherProgramHas(keys, true)
    await call('preferences.set', { raiseShortcut: keys })
    expect(await state()).toEqual({ keys, state: 'taken' })
    await app.shell.clickTray(['Open Drawbridge'])
    await page.getByRole('link', { name: 'Settings' }).click()
    await page.getByText('Another program has these keys').waitFor()
    await app.shell.otherProgramHas(keys, false)
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByText('These keys work while Drawbridge runs').waitFor()
    expect(await app.shell.shortcuts()).toEqual([keys])
    await page.getByRole('button', { name: 'Use no keys' }).click()
    await soon(async () => expect(await app.shell.shortcuts()).toEqual([]))
  })
})

describe('sleep', () => {
  it('is kept away only while there is a public address, and only when that is chosen', async () => {
    const awake = async () => (await call<{ awake: string }>('status.get')).awake
    expect(await awake()).toBe('off')
    expect(await app.shell.keptAwake()).toEqual([])
    await call('preferences.set', { keepAwake: true })
    await soon(async () => expect(await awake()).toBe('idle'))
    await call('bridge.lower')
    await soon(async () => expect(await app.shell.keptAwake()).toEqual(['prevent-app-suspension']))
    expect(await awake()).toBe('on')
    await call('bridge.raise')
    await soon(async () => expect(await app.shell.keptAwake()).toEqual([]))
    await call('preferences.set', { keepAwake: false })
  })

  it('that the system announces is said while it lasts', async () => {
    const away = async () =>
      (await call<{ away: { why: string; until: number | null }[] }>('status.get')).away
    await call('bridge.lower')
    await app.shell.suspend()
    await soon(async () =>
      expect((await away()).filter(({ why }) => why === 'asleep')).toEqual([
        expect.objectContaining({ until: null }),
      ]),
    )
    await app.shell.resume()
    // A moment is not worth a word.
    await soon(async () => expect((await away()).filter(({ why }) => why === 'asleep')).toEqual([]))
  })
})

describe('ending all access from the tray', () => {
  it('does it only after the question, and for good', async () => {
    const end = 'Raise and end all access…'
    await app.shell.clickTray([end])
    await soon(async () =>
      expect((await app.shell.dialogs()).at(-1)).toMatchObject({
        message: 'End all access?',
        detail: expect.stringContaining('every program needs a new key'),
        buttons: ['Cancel', 'End all access'],
      }),
    )
    await client.close().catch(() => {})
    client = await connect()
    expect(JSON.stringify(await read('there.txt'))).toContain('already there')
    await app.shell.willPress('End all access')
    await app.shell.clickTray([end])
    await soon(async () => expect((await trayLabels())[0]).toContain('raised'))
    expect(await call('grants.list')).toEqual([])
    await soon(async () => expect(await trayLabels()).not.toContain(end))
    expect((await app.shell.tray()).image).toMatch(/raised\.png$/)
    await app.shell.clickTray(['Lower the bridge'])
    await soon(async () => expect((await trayLabels())[0]).not.toContain('raised'))
    const bare = await fetch(mcpUrl, { method: 'POST', headers: { authorization: `Bearer ${token}` } })
    expect(bare.status).toBe(401)
  })
})

describe('the command line and the end', () => {
  it('finds the host that the desktop app runs', async () => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [join(repository, 'out/main/drawbridge.js'), 'status', '--json', '--data', dataDir()],
      { env: { ...process.env, ...env() }, timeout: 15_000 },
    )
    expect(stdout).toContain(mcpUrl)
    expect(stdout).toContain('electron')
  })

  it('quits from the tray, and leaves nothing running', async () => {
    const before = await serverProcesses(files)
    expect(before.length).toBeGreaterThan(0)
    await app.shell.clickTray(['Quit'])
    expect(await app.exited, app.output()).toBe(0)
    await soon(async () => expect(await serverProcesses(files)).toEqual([]))
    await expect(fetch(mcpUrl)).rejects.toThrow()
    expect(existsSync(join(dataDir(), 'control.json'))).toBe(false)
  })
})
