import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { startLocaltunnelServer } from '../../e2e/fixtures/localtunnel.ts'
import { house, until } from './testing/house.ts'

const at = house()

describe('when something breaks', () => {
  test('no server at start: offline within 3 s, back by itself, origin known', async () => {
    const absent = await startLocaltunnelServer({ start: false })
    try {
      const tunnel = at.begin({}, absent)
      const asked = Date.now()
      tunnel.want()
      const offline = await until(tunnel, 'offline')
      expect(Date.now() - asked).toBeLessThan(3_000)
      expect(offline.message).toBe('The tunnel service cannot be reached.')
      expect(offline.hint).toMatch(/Everything on this computer keeps working/)
      await absent.start()
      const { origin } = await until(tunnel, 'ready')
      await absent.kill()
      expect((await until(tunnel, 'offline')).origin).toBe(origin)
    } finally {
      await absent.stop()
    }
  })

  test('a server that hangs: offline within 3 s, and stop within 2 s', async () => {
    const tunnel = at.begin()
    at.service.freeze()
    try {
      const asked = Date.now()
      tunnel.want()
      await until(tunnel, 'offline')
      expect(Date.now() - asked).toBeLessThan(3_000)
      const stopping = Date.now()
      await tunnel.stop()
      expect(Date.now() - stopping).toBeLessThan(500)
    } finally {
      at.service.thaw()
    }
  })

  test('ten drops, by broken connections and by killed servers: the same address each time', async () => {
    const tunnel = at.begin({ probeEvery: 15_000, steadyAfter: 0 })
    tunnel.want()
    const { origin } = await until(tunnel, 'ready')
    const back: number[] = []
    const shown: number[] = []
    for (let drop = 0; drop < 10; drop += 1) {
      const broken = drop % 2 === 0 ? 'connections' : 'server'
      const begun = Date.now()
      if (broken === 'connections') at.service.drop()
      else {
        await at.service.kill()
        await until(tunnel, ['opening', 'offline'])
        shown.push(Date.now() - begun)
        await at.service.start()
      }
      const up = Date.now()
      await until(tunnel, 'ready')
      await expect.poll(() => at.status(`${origin}/hello`), { timeout: 10_000, interval: 20 }).toBe(200)
      back.push(Date.now() - (broken === 'server' ? up : begun))
      expect(tunnel.state().origin).toBe(origin)
    }
    console.log(`tunnel: back after ${back.join(', ')} ms; loss shown after ${shown.join(', ')} ms`)
    expect(Math.max(...back)).toBeLessThan(10_000)
    expect(Math.max(...shown)).toBeLessThan(3_000)
  }, 60_000)

  test('our listener down: a clear message, and ready again when it is back', async () => {
    const { tunnel, origin } = await at.opened()
    await at.app.close()
    const down = await until(tunnel, 'offline')
    expect(down.message).toBe('Your public address is open, but Drawbridge does not answer on this computer.')
    const visitor = await at.service.fetch(`${origin}/hello`)
    expect(visitor.status, 'visitors are answered instead of left hanging').toBe(502)
    const upload = await at.service.fetch(`${origin}/digest`, {
      method: 'POST',
      body: randomBytes(1_000_000),
    })
    expect(upload.status).toBe(502)
    at.app = await at.startApp()
    await until(tunnel, 'ready')
  })

  test('another Drawbridge at the address is not taken for ours', async () => {
    at.app.health = () => ({
      type: 'application/json',
      body: '{"name":"drawbridge","instance":"instance-2"}',
    })
    const tunnel = at.begin({ takenAfter: 0, probeAgain: 50 })
    tunnel.want()
    expect((await until(tunnel, 'taken')).message).toMatch(/Another Drawbridge/)
  })

  test('a page of the tunnel service is not taken for ours', async () => {
    at.app.health = () => ({ type: 'text/html', body: '<!doctype html><title>Tunnel password</title>' })
    const tunnel = at.begin({ probeAgain: 50 })
    tunnel.want()
    expect((await until(tunnel, 'offline')).message).toMatch(/shows a page of the tunnel service/)
    at.app.health = at.app.ours
    await until(tunnel, 'ready')
  })

  test('taken by somebody else: said, and back when it is free', async () => {
    at.settings.set('tunnel.name', 'quiet-otter-4821-xk3p')
    const somebody = await claim('quiet-otter-4821-xk3p')
    const tunnel = at.begin()
    tunnel.want()
    const taken = await until(tunnel, 'taken')
    expect(taken.message).toMatch(/Somebody else uses your public address/)
    expect(taken.hint).toMatch(/new address/)
    somebody.destroy()
    expect((await until(tunnel, 'ready')).origin).toBe(at.service.originOf('quiet-otter-4821-xk3p'))
  })
})

test('stop leaves no sockets and no timers', async () => {
  await sleep(1_200) // timers of the tests before
  const before = resources()
  const { tunnel } = await at.opened()
  expect(resources()).not.toEqual(before)
  await tunnel.stop()
  await expect.poll(resources, { timeout: 3_000 }).toEqual(before)
})

test('after stop the process ends by itself, though the service never answered', async () => {
  const file = (path: string) => JSON.stringify(new URL(path, import.meta.url).href)
  const program = `
    const { createTunnel } = await import(${file('./tunnel.ts')})
    const values = new Map([['tunnel.wanted', true]])
    const tunnel = createTunnel({
      settings: { get: (name) => values.get(name), set: (name, value) => values.set(name, value), delete() {} },
      clock: Date, log: { debug() {}, info() {}, warn() {}, error: console.error }, instance: 'x',
      localPort: () => 1, host: () => 'http://127.0.0.1:1',
    })
    tunnel.events.on('changed', (state) => { if (state.kind === 'offline') tunnel.stop().then(() => console.log('stopped')) })`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
    timeout: 5_000,
  })
  expect(stdout).toBe('stopped\n')
})

/** Somebody else's client, in as few lines as hold a name. */
async function claim(name: string): Promise<Socket> {
  const { id, port } = (await (await fetch(`${at.service.host}/${name}`)).json()) as {
    id: string
    port: number
  }
  expect(id).toBe(name)
  const socket = connect(port, '127.0.0.1').on('error', () => {})
  await new Promise((resolve) => socket.once('connect', resolve))
  return socket
}

const resources = () => {
  const kinds = process.getActiveResourcesInfo().filter((kind) => /TCP|Timeout|TLS/.test(kind))
  return { sockets: kinds.filter((kind) => kind !== 'Timeout').length }
}
