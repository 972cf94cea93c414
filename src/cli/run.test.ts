import { mkdirSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { writeControlFile } from '../control/control-file.ts'
import { exitCodeOf, neverAgain } from './exit-codes.ts'
import { json, startHarness } from './testing/harness.ts'

let h: Awaited<ReturnType<typeof startHarness>>
beforeAll(async () => {
  h = await startHarness()
})
afterAll(() => h.stop())
beforeEach(() => h.forget())

describe('finding the host', () => {
  it('says when none is running, with exit code 3, in JSON too', async () => {
    const plain = await h.drawbridge('status', '--data', join(h.dir, 'nowhere'))
    expect(plain).toMatchObject({ code: 3, out: '' })
    expect(plain.err).toContain('drawbridge serve')
    const machine = await h.drawbridge('status', '--json', '--data', join(h.dir, 'nowhere'))
    expect(machine.code).toBe(3)
    expect(json(machine).error).toMatchObject({ code: 'host-not-running', hint: expect.any(String) })
  })

  it('takes a program that sits on the port of a killed host for what it is', async () => {
    const stale = join(h.dir, 'stale')
    mkdirSync(stale)
    const other = createServer((_req, res) => res.end('<html>hello</html>')).listen(0, '127.0.0.1')
    await new Promise((resolve) => other.once('listening', resolve))
    const { port } = other.address() as { port: number }
    await writeControlFile(stale, { version: 1, pid: 1, port, key: 'k'.repeat(43) })
    expect((await h.drawbridge('status', '--data', stale)).code).toBe(3)
    other.close()
    expect((await h.drawbridge('status', '--data', stale)).code).toBe(3)
  })

  it('takes --data before the command and after it', async () => {
    expect((await h.drawbridge('--data', h.data, 'status')).code).toBe(0)
    expect((await h.drawbridge('key', 'list', '--data', h.data, '--json')).out).toBe('[]')
  })
})

describe('status and the bridge', () => {
  it('shows the state and a new link that works', async () => {
    const first = json(await h.drawbridge('status', '--json'))
    const second = json(await h.drawbridge('status', '--json'))
    expect(first).toMatchObject({
      mcp: 'http://127.0.0.1:4000/mcp',
      bridge: { state: 'local' },
      version: '9.9.9',
    })
    expect(first.ui).not.toBe(second.ui)
    expect((await fetch(first.ui, { redirect: 'manual' })).status).toBe(303)
    const people = await h.drawbridge('status')
    expect(people.out).toContain('/open/')
    expect(people.out).toContain('For programs on this computer only.')
    expect(people.err).toBe('')
  })

  it('connect waits for the address and prints what to paste, and until when', async () => {
    await h.drawbridge('lower')
    const result = json(await h.drawbridge('connect', 'claude', '--json'))
    expect(h.last('connect.open')).toEqual({ client: 'claude' })
    expect(result).toMatchObject({ address: 'https://name.example/mcp', closesAt: 1_800_000_000_000 })
    const people = await h.drawbridge('connect')
    expect(people.out).toMatch(/Paste this address\s+https:\/\/name\.example\/mcp/)
    expect(people.out).toMatch(/Possible until\s+\d\d:\d\d/)
    expect((await h.drawbridge('connect', 'stranger')).code).toBe(2)
    await h.drawbridge('connect', 'claude', '--again')
    expect(h.last('connect.open')).toEqual({ client: 'claude', again: true })
  })

  it('raise and lower say what they did', async () => {
    const raised = await h.drawbridge('raise')
    expect(raised.out).toContain('Nobody passes.')
    expect(json(await h.drawbridge('raise', '--json')).bridge.state).toBe('raised')
    expect(h.last('bridge.raise')).toEqual({ endAllAccess: false })
    const lowered = json(await h.drawbridge('lower', '--json'))
    expect(lowered.bridge).toMatchObject({ state: 'open', publicUrl: 'https://name.example/mcp' })
  })
})

describe('the end of all access', () => {
  it('needs a second word, and says what has to be done again', async () => {
    const refused = await h.drawbridge('raise', '--end-all-access')
    expect(refused.code).toBe(2)
    expect(refused.err).toMatch(/connected anew with digits, every program needs a new key.*--yes/s)
    expect(h.last('bridge.raise')).toBeUndefined()
    const done = await h.drawbridge('raise', '--end-all-access', '--yes')
    expect(done.out).toContain('Nobody passes.')
    expect(done.out).toMatch(
      /All access has ended, and nobody comes back by themselves.*connect each of them anew.*a new key/,
    )
    expect(done.out).not.toContain('will come back')
    expect(h.last('bridge.raise')).toEqual({ endAllAccess: true })
    await h.drawbridge('lower')
  })
})

describe('the command line itself', () => {
  it.each([
    ['help', 'server', 'add'],
    ['server', 'help', 'add'],
    ['help', 'server', 'update', '--json'],
    ['help', 'server', 'set'],
    ['help', 'server'],
    ['server', 'help'],
    ['--json', 'help', 'server', 'add'],
    ['--data', 'x', 'server', 'help', 'add'],
    ['help', 'server', 'add', '--data', 'x'],
    ['help', '--json'],
    ['help', '--help'],
  ])('has the help of each command: %s %s %s %s', async (...argv) => {
    const path = argv.filter((word) => !/^(?:help|-.*|x)$/.test(word))
    const asked = await h.drawbridge(...argv)
    expect(asked.code).toBe(0)
    expect(asked.out).toBe((await h.drawbridge(...path, '--help')).out)
  })

  it('has help with the exit codes, and a version', async () => {
    const help = await h.drawbridge('--help')
    expect(help.code).toBe(0)
    for (const word of [
      'serve',
      'status',
      'connect',
      'requests',
      'approve',
      'deny',
      'raise',
      'lower',
      'workspace',
      'preferences',
      'rotate',
      'doctor',
      'tool',
      'admin-key',
      'Exit codes',
    ])
      expect(help.out).toContain(word)
    expect(help.out).not.toContain('tunnel-host')
    expect((await h.drawbridge('--version')).out).toMatch(/^\d+\.\d+\.\d+$/)
    for (const group of ['server', 'key', 'client', 'workspace', 'tool', 'admin-key']) {
      const bare = await h.drawbridge(group)
      expect(bare.code).toBe(2)
      expect(bare.err).toContain('Usage: drawbridge')
    }
  })

  it('explains what it did not understand, with exit code 2', async () => {
    expect((await h.drawbridge('dance')).code).toBe(2)
    expect((await h.drawbridge('serve', '--port', '70000')).code).toBe(2)
    expect((await h.drawbridge('serve', '--port', 'x1')).code).toBe(2)
    const machine = await h.drawbridge('approve', '--json')
    expect(machine.code).toBe(2)
    expect(json(machine).error.code).toBe('usage')
  })

  it.each([
    ['already-running', 6],
    ['port-taken', 7],
    ['data-folder-unwritable', 8],
    ['database-newer', 8],
    ['database-busy', 1],
    ['disk-full', 1],
    ['wrong-digits', 5],
    ['bridge-raised', 5],
    ['approval-gone', 4],
    ['workspace-unknown', 4],
    ['redirect-invalid', 2],
    ['secret-needed', 2],
    ['bad-domain', 2],
    ['redirect-not-allowed', 5],
    ['workspace-fixed', 5],
    ['no-public-address', 1],
    ['draft-not-seen', 5],
    ['needs-owner', 5],
    ['name-taken', 5],
    ['too-many-servers', 5],
    ['tool-unknown', 4],
    ['sign-in-failed', 1],
    ['command-not-found', 1],
    ['internal', 1],
  ])('%s ends with exit code %i', (code, exit) => expect(exitCodeOf(code)).toBe(exit))

  it.each(['database-busy', 'disk-full'])('lets a service try again what is not for ever: %s', (code) =>
    expect(neverAgain).not.toContain(exitCodeOf(code)),
  )
})
