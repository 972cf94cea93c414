import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { acquireInstanceLock } from '../../src/storage/instance-lock.ts'
import { launchOnStandin } from './launch-app.ts'

let home: string
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'drawbridge-start-'))
})
afterAll(() => rmSync(home, { recursive: true, force: true }))

/** Starts the app expecting that it cannot: what it said, and its exit code. */
async function failedStart(dataDir: string, args: string[] = []) {
  const app = await launchOnStandin({
    dataDir,
    args,
    env: { HOME: home, DBUS_SESSION_BUS_ADDRESS: '', DRAWBRIDGE_TUNNEL_HOST: 'http://127.0.0.1:9' },
  })
  const timer = setTimeout(() => void app.stop(), 30_000)
  const code = await app.exited
  clearTimeout(timer)
  return { code, dialogs: app.dialogs, output: app.output() }
}

const onlyBox = (message: RegExp) => [
  { kind: 'error', message: expect.stringMatching(message), detail: expect.stringMatching(/\S/) },
]

describe('an app that cannot start says why and ends', { timeout: 40_000 }, () => {
  it('when its port is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as { port: number }
    try {
      const { code, dialogs, output } = await failedStart(join(home, 'port'), ['--port', String(port)])
      expect(dialogs, output).toEqual(onlyBox(new RegExp(String(port))))
      expect(code).toBe(1)
    } finally {
      server.close()
    }
  })

  it('when its data folder cannot be written', async () => {
    writeFileSync(join(home, 'a-file'), '')
    const { code, dialogs, output } = await failedStart(join(home, 'a-file', 'data'))
    expect(dialogs, output).toEqual(onlyBox(/cannot write/))
    expect(code).toBe(1)
  })

  it('when Drawbridge runs already with this folder, without a window', async () => {
    const dataDir = join(home, 'taken')
    const lock = acquireInstanceLock(dataDir)
    try {
      const { code, dialogs, output } = await failedStart(dataDir)
      expect(dialogs, output).toEqual(onlyBox(/already running/))
      expect(code).toBe(1)
    } finally {
      lock.release()
    }
  })

  it('when its data is from a newer version', async () => {
    const dataDir = join(home, 'newer')
    mkdirSync(dataDir)
    const db = new DatabaseSync(join(dataDir, 'drawbridge.db'))
    db.exec('PRAGMA user_version = 9999')
    db.close()
    const { code, dialogs, output } = await failedStart(dataDir)
    expect(dialogs, output).toEqual(onlyBox(/newer/))
    expect(code).toBe(1)
  })
})
