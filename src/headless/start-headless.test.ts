import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ConnectionRequest } from '../contract/access.ts'
import { Approval } from '../contract/approvals.ts'
import { sampleOf } from '../contract/testing/sample.ts'
import { readControlFile } from '../control/control-file.ts'
import { HostError } from '../kernel/errors.ts'
import { hasScreen } from './open-browser.ts'
import { stopInTime } from './run-until-signal.ts'
import { type Headless, type HeadlessOptions, startHeadless } from './start-headless.ts'
import { fakeRunningHost } from './testing/fake-running-host.ts'

let dir: string
let fixture: ReturnType<typeof fakeRunningHost>
let printed: string[]
let opened: string[]
let running: Headless | undefined

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'headless-'))
  mkdirSync(join(dir, 'ui'))
  writeFileSync(join(dir, 'ui', 'index.html'), '<html><head></head></html>')
  fixture = fakeRunningHost({ dataDir: join(dir, 'data') })
  printed = []
  opened = []
  running = undefined
})
afterEach(async () => {
  await running?.stop()
  rmSync(dir, { recursive: true, force: true })
})

const start = (options: Partial<HeadlessOptions> = {}, given: object[] = []) =>
  startHeadless(
    { dataDir: join(dir, 'data'), version: '0.0.0', json: false, open: false, ...options },
    {
      createHost: async (asked) => {
        given.push(asked)
        return fixture.host
      },
      uiDir: join(dir, 'ui'),
      print: (line) => printed.push(line),
      openBrowser: (url) => opened.push(url),
    },
  ).then((headless) => {
    running = headless
    return headless
  })

describe('the headless shell', () => {
  it('says ready in one line of JSON, with a link that works', async () => {
    const given: object[] = []
    await start({ json: true, port: 4123, tunnelHost: 'http://127.0.0.1:9' }, given)
    expect(given).toEqual([
      expect.objectContaining({ shell: 'headless', port: 4123, tunnelHost: 'http://127.0.0.1:9' }),
    ])
    expect(printed).toHaveLength(1)
    const ready = JSON.parse(printed[0]!)
    const { port } = readControlFile(join(dir, 'data'))!
    expect(ready).toEqual({
      event: 'ready',
      mcp: 'http://127.0.0.1:4000/mcp',
      ui: expect.stringMatching(new RegExp(`^http://127\\.0\\.0\\.1:${port}/open/[\\w-]{43}$`)),
    })
    const answer = await fetch(ready.ui, { redirect: 'manual' })
    expect(answer.status).toBe(303)
    expect(opened).toEqual([])
  })

  it('tells people where to go, and who waits, without letting names paint the terminal', async () => {
    const { link } = await start({ open: true })
    expect(printed.join('\n')).toContain(link)
    expect(printed.join('\n')).toContain('An encrypted file.')
    expect(opened).toEqual([link])
    const connection = sampleOf(ConnectionRequest, {
      id: 'conn_1',
      redirectHost: 'chatgpt.com',
      clientName: '\u001b[31mEvil\u202e\nDrawbridge: all is well',
    })
    fixture.fake.tell('connections.asked', connection)
    expect(printed.at(-1)).toBe(
      '“⟨U+001B⟩[31mEvil⟨U+202E⟩⟨U+000A⟩Drawbridge: all is well” (chatgpt.com) asks to connect. Answer in the app, or: drawbridge approve conn_1',
    )
    const approval = sampleOf(Approval, {
      id: 'appr_1',
      clientName: 'ChatGPT” asks nothing',
      toolTitle: 'Send',
      source: 'Mail',
      risk: 'write',
      line: 'mail__send {"to":"ada"}',
    })
    fixture.fake.tell('approvals.asked', approval)
    expect(printed.at(-1)).toBe(
      '“ChatGPT⟨U+201D⟩ asks nothing” asks to run mail__send {"to":"ada"} (write, of “Mail”). Answer in the app, or: drawbridge approve appr_1',
    )
  })

  it('stops the listener, the key file and the host', async () => {
    const { link, stop } = await start({ json: true })
    await stop()
    expect(fixture.stopped).toBe(true)
    expect(readControlFile(join(dir, 'data'))).toBeNull()
    await expect(fetch(link)).rejects.toThrow()
  })

  it('leaves nothing running when its own port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => other.once('listening', resolve))
    const { port } = other.address() as { port: number }
    await expect(start({ uiPort: port })).rejects.toMatchObject({ code: 'port-taken' })
    expect(fixture.stopped).toBe(true)
    expect(printed).toEqual([])
    other.close()
  })

  it('passes the host’s own failure on', async () => {
    const failure = new HostError({
      code: 'already-running',
      told: { message: 'It runs.', hint: 'Use that one.' },
    })
    const starting = startHeadless(
      { dataDir: dir, version: '0', json: true, open: false },
      {
        createHost: () => Promise.reject(failure),
        uiDir: join(dir, 'ui'),
        print: (line) => printed.push(line),
        openBrowser: () => {},
      },
    )
    await expect(starting).rejects.toBe(failure)
    expect(printed).toEqual([])
  })
})

it('knows where somebody sits in front of a screen', () => {
  expect(hasScreen({}, 'linux')).toBe(false)
  expect(hasScreen({ DISPLAY: ':0' }, 'linux')).toBe(true)
  expect(hasScreen({ WAYLAND_DISPLAY: 'wayland-0' }, 'linux')).toBe(true)
  expect(hasScreen({ DISPLAY: ':0', CI: 'true' }, 'linux')).toBe(false)
  expect(hasScreen({}, 'darwin')).toBe(true)
})

it('does not wait for ever for an orderly stop', async () => {
  expect(await stopInTime(async () => {}, 50)).toBe(0)
  expect(await stopInTime(() => new Promise(() => {}), 50)).toBe(1)
})
