import { readdirSync, statSync } from 'node:fs'
import { request } from 'node:http'
import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { silentLog } from '../kernel/log/log.ts'
import { controlFilePath, readControlFile, writeControlFile } from './control-file.ts'
import { createPrivateListener } from './private-listener.ts'
import { type Fixture, startFixture } from './testing/fixture.ts'

let f: Fixture
beforeEach(async () => {
  f = await startFixture()
})
afterEach(() => f.close())

describe('the key file', () => {
  it('is readable by the user alone, holds what the command line needs, and goes away', async () => {
    expect(statSync(controlFilePath(f.dir)).mode & 0o777).toBe(0o600)
    expect(readControlFile(f.dir)).toMatchObject({
      version: 1,
      pid: process.pid,
      port: f.port,
      mcp: 'http://127.0.0.1:4000/mcp',
    })
    expect(readdirSync(f.dir).filter((name) => name.endsWith('.tmp'))).toEqual([])
    await f.listener.close()
    expect(readControlFile(f.dir)).toBeNull()
  })

  it('is left alone when another host has taken the folder over', async () => {
    await writeControlFile(f.dir, { version: 1, pid: 1, port: 1, key: 'x'.repeat(43) })
    await f.listener.close()
    expect(readControlFile(f.dir)?.port).toBe(1)
  })
})

it('cuts off who sends very many requests ahead', async () => {
  const socket = connect(f.port, '127.0.0.1')
  let answers = 0
  let closed = false
  socket.on('error', () => {})
  socket.on('data', (bytes: Buffer) => {
    answers += bytes.toString().split('HTTP/1.1 ').length - 1
  })
  socket.on('close', () => {
    closed = true
  })
  socket.write(`GET /x HTTP/1.1\r\nHost: 127.0.0.1:${f.port}\r\n\r\n`.repeat(5_000))
  await expect.poll(() => closed, { timeout: 10_000 }).toBe(true)
  expect(answers).toBeLessThan(20)
  expect((await f.call(f.byKey, 'status.get')).status).toBe(200)
})

describe('calls', () => {
  it('answers failures of the host with 4xx and the words for people', async () => {
    const answer = await f.call(f.byKey, 'grants.revoke')
    expect(answer.status).toBe(404)
    expect(JSON.parse(answer.text).error).toMatchObject({ code: 'grant-not-found', hint: 'Look again.' })
  })

  it('does not tell what broke inside', async () => {
    const answer = await f.call(f.byKey, 'bridge.lower')
    expect(answer.status).toBe(500)
    expect(answer.text).not.toContain('secret detail')
  })

  it('refuses what is not in the contract, events, other methods and other routes', async () => {
    for (const name of ['nothing.here', 'activity.added', '__proto__', 'constructor', 'toString'])
      expect((await f.call(f.byKey, name)).status, name).toBe(404)
    expect((await f.send('/api/call/status.get', { headers: f.byKey })).status).toBe(404)
    for (const method of ['PUT', 'DELETE', 'OPTIONS', 'PATCH'])
      expect((await f.send('/api/call/status.get', { method, headers: f.byKey })).status, method).toBe(404)
    expect((await f.send('/api/anything', { headers: f.byKey })).status).toBe(404)
    expect(f.calls).toEqual([])
  })

  it('reads JSON objects of at most 1 MB, and nothing else', async () => {
    expect((await f.call(f.byKey, 'status.get', `{"input":"${'x'.repeat(1_000_001)}"}`)).status).toBe(413)
    for (const body of ['{', '[]', '"x"', 'null', 'input=1'])
      expect((await f.call(f.byKey, 'status.get', body)).status, body).toBe(400)
    const form = { ...f.byKey, 'content-type': 'application/x-www-form-urlencoded' }
    expect((await f.call(form, 'status.get', 'input=1')).status).toBe(400)
    expect((await f.call({ ...f.byKey, 'content-type': 'text/plain' })).status).toBe(400)
    expect((await f.call(f.byKey, 'status.get', '{}')).status).toBe(200)
    expect(f.calls).toEqual([{ name: 'status.get', input: undefined }])
  })
})

describe('events', () => {
  const firstEvent = (headers: Record<string, string>) =>
    new Promise<unknown>((resolve, reject) => {
      const req = request(
        { host: '127.0.0.1', port: f.port, path: '/api/events', headers, agent: false },
        (res) => {
          let text = ''
          res.setEncoding('utf8').on('data', (part: string) => {
            if (part.includes(': connected')) f.emit('activity.added', { id: 'call_1', text: 'two\nlines' })
            text += part
            const data = /^data: (.*)$/m.exec(text)
            if (!data) return
            res.on('close', () => resolve(JSON.parse(data[1]!)))
            void f.listener.close()
          })
        },
      )
      req.on('error', reject).end()
    })
  const expected = { name: 'activity.added', payload: { id: 'call_1', text: 'two\nlines' } }

  it('reach a program with the key, and end when the listener closes', async () => {
    expect(await firstEvent(f.byKey)).toEqual(expected)
  })

  it('reach a browser that was let in', async () => {
    const { cookie } = await f.letIn()
    expect(await firstEvent({ cookie })).toEqual(expected)
  })
})

describe('the listener', () => {
  it('says which port is taken and what to do', async () => {
    const second = createPrivateListener({
      port: f.port,
      dataDir: f.dir,
      clock: { now: () => f.time.now },
      log: silentLog,
      on: () => () => {},
      dispatch: async () => ({ ok: true, value: null }),
    })
    await expect(second.listen()).rejects.toMatchObject({
      code: 'port-taken',
      hint: expect.stringContaining('--ui-port'),
    })
    await second.close()
    expect(readControlFile(f.dir)?.key).toBe(f.key)
  })

  it('without an interface serves the command line only', async () => {
    const bare = await startFixture({ ui: false })
    expect((await bare.call(bare.byKey)).status).toBe(200)
    expect((await bare.send('/', { headers: bare.byKey })).status).toBe(404)
    expect((await bare.send('/api/link', { method: 'POST', headers: bare.byKey })).status).toBe(403)
    expect((await bare.send(new URL(bare.listener.oneTimeLink()).pathname)).status).toBe(401)
    await bare.close()
  })
})
