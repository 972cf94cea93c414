/** Long because every route is tried against one host. */
import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ApprovalDetails } from '../../contract/approvals.ts'
import { sampleOf } from '../../contract/testing/sample.ts'
import { fakeRestHost } from '../testing/fake-rest-host.ts'
import { type Fixture, startFixture } from '../testing/fixture.ts'
import { openapi } from './openapi.ts'
import { restRoutes } from './rest-routes.ts'

let f: Fixture
let host: ReturnType<typeof fakeRestHost>
beforeEach(async () => {
  host = fakeRestHost()
  f = await startFixture({ ui: true, dispatch: host.dispatch })
})
afterEach(() => f.close())

const draft = { kind: 'stdio', name: 'Made', command: 'node', args: ['x.mjs'], env: { KEY: 'canary-value' } }

type Headers = Record<string, string>
const send = (method: string, path: string, body?: unknown, headers: Headers = f.byAdmin) =>
  f.send(`/api/v1${path}`, {
    method: method.toUpperCase(),
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
  })
const ask = async (method: string, path: string, body?: unknown) => {
  const answer = await send(method, path, body)
  return {
    status: answer.status,
    json: answer.text === '' ? null : JSON.parse(answer.text),
    headers: answer.headers,
  }
}
const sample = (path: string) => {
  if (path.startsWith('/access')) return path.replace('{id}', host.state.grants[0]!.id)
  if (path.startsWith('/activity')) return path.replace('{id}', 'call_1')
  if (path.startsWith('/events')) return path.replace('{id}', 'evt_1')
  if (path.startsWith('/folders')) return path.replace('{id}', 'folder_1')
  return path.replace('{id}', path.startsWith('/tools') ? 'files__read' : 'srv_1')
}
const bodyOf = (method: string, path: string) => {
  if (method === 'post' && path === '/events') return { specversion: '1.0', id: 'a', source: 'b', type: 'c' }
  if (method === 'post' && path === '/folders') return { path: '/home/ada/Papers' }
  if (method === 'post') return draft
  if (method !== 'patch') return undefined
  return path.startsWith('/tools') ? { risk: 'destructive' } : { timeout: 5_000 }
}
const every = restRoutes.map(({ method, path }) => [method, path] as const)
const writes = every.filter(([method]) => method !== 'get')

describe('who is let in', () => {
  it.each([...every, ['get', '/openapi.json'] as const])('%s %s', async (method, path) => {
    const here = sample(path)
    const body = bodyOf(method, path)
    const status = async (headers: Headers) => (await send(method, here, body, headers)).status
    const { cookie, csrf } = await f.letIn()
    const own = { cookie, origin: f.own, 'x-drawbridge-csrf': csrf }

    const none = await send(method, here, body, {})
    expect(none.status).toBe(401)
    expect(none.headers['www-authenticate']).toMatch(/^Bearer/)
    expect(JSON.parse(none.text)).toEqual({
      error: { code: 'not-let-in', message: expect.any(String), hint: expect.stringContaining('admin-key') },
    })
    for (const authorization of [
      'Bearer wrong',
      `Bearer ${'x'.repeat(5_000)}`,
      'Bearer ',
      'Basic eDp4',
      f.byAdmin.authorization.slice(0, -1),
      `${f.byAdmin.authorization}A`,
      f.byAdmin.authorization.replace('Bearer ', ''),
    ]) {
      expect(await status({ authorization })).toBe(401)
      // a key that was sent must be right
      expect(await status({ ...own, authorization })).toBe(401)
    }
    for (const proof of [f.byAdmin, f.byKey, own]) {
      expect(await status({ ...proof, host: `evil.example:${f.port}` })).toBe(403)
      expect(await status({ ...proof, host: '127.0.0.1' })).toBe(403)
      expect(await status({ ...proof, origin: 'http://evil.example' })).toBe(403)
      expect(await status({ ...proof, origin: 'null' })).toBe(403)
      expect(await status({ ...proof, 'sec-fetch-site': 'cross-site' })).toBe(403)
    }
    if (method !== 'get') {
      expect(await status({ cookie })).toBe(403)
      expect(await status({ cookie, origin: f.own })).toBe(403)
      expect(await status({ cookie, 'x-drawbridge-csrf': csrf })).toBe(403)
      expect(await status({ ...own, 'x-drawbridge-csrf': 'x' })).toBe(403)
    }
    expect(f.calls).toEqual([])
    expect(await status(own)).toBeLessThan(300)
    expect(f.calls.length > 0 || path === '/openapi.json').toBe(true)
  })

  it('opens nothing else with the admin key', async () => {
    for (const [method, path] of [
      ['POST', '/api/call/servers.add'],
      ['POST', '/api/call/adminKey.create'],
      ['POST', '/api/call/status.get'],
      ['GET', '/api/events'],
      ['POST', '/api/link'],
      ['GET', '/'],
      ['GET', '/assets/index-Abc12345.js'],
      ['GET', '/activity'],
      ['POST', '/api/v10/servers'],
      ['POST', '/api/v1%2f..%2fcall/status.get'],
    ] as const) {
      const answer = await f.send(path, {
        method,
        headers: { ...f.byAdmin, 'content-type': 'application/json' },
        ...(method === 'POST' && { body: '{}' }),
      })
      expect(answer.status, path).toBe(401)
    }
    for (const path of ['/../call/status.get', '//api/call/status.get', '/call/status.get', '', '/'])
      expect((await send('post', path, {})).status, path).toBe(404)
    expect(f.calls).toEqual([])
  })

  it('answers with no key at all where none was made', async () => {
    expect(
      (await send('get', '/status', undefined, { authorization: `Bearer db_admin_${'B'.repeat(43)}` }))
        .status,
    ).toBe(401)
  })
})

describe('access', () => {
  it('is listed without anything that opens a door, and paused and resumed', async () => {
    const { id } = host.state.grants[0]!
    const listed = await ask('get', '/access')
    expect(listed.json.access).toMatchObject([{ id, name: 'Script' }])
    expect(JSON.stringify(listed.json)).not.toMatch(/db_key_|token/)
    expect((await ask('post', `/access/${id}/pause`)).json.pausedUntil).toBeGreaterThan(Date.now())
    expect(host.called.at(-1)).toEqual({ name: 'grants.pause', input: { id, minutes: 60 } })
    await ask('post', `/access/${id}/pause?minutes=5`)
    expect(host.called.at(-1)?.input).toEqual({ id, minutes: 5 })
    for (const minutes of ['', '0', '1.5', 'x', '100000'])
      expect((await ask('post', `/access/${id}/pause?minutes=${minutes}`)).status, minutes).toBe(400)
    expect((await ask('post', `/access/${id}/resume`)).json.pausedUntil).toBeNull()
    expect((await ask('post', '/access/none/resume')).status).toBe(404)
  })

  it('ends with the bridge only when that is said in the one way there is', async () => {
    const ends = () => host.called.at(-1)
    await ask('post', '/bridge/raise')
    expect(ends()).toEqual({ name: 'bridge.raise', input: { endAllAccess: false } })
    for (const text of ['1', 'yes', '', 'TRUE']) {
      expect((await ask('post', `/bridge/raise?endAllAccess=${text}`)).status, text).toBe(400)
    }
    expect(host.state.grants).toHaveLength(1)
    await ask('post', '/bridge/raise?endAllAccess=true')
    expect(ends()).toEqual({ name: 'bridge.raise', input: { endAllAccess: true } })
    expect(host.state.grants).toEqual([])
  })
})

describe('servers', () => {
  it('are listed, and found by id and by short name', async () => {
    const { json } = await ask('get', '/servers')
    expect(json.servers.map((one: { id: string }) => one.id)).toEqual(['srv_1', 'srv_2', 'srv_3'])
    for (const id of ['srv_3', 'remote'])
      expect((await ask('get', `/servers/${id}`)).json).toMatchObject({ id: 'srv_3' })
    for (const id of ['srv_9', 'Remote', '%00', '..', 'a%2fb', 'x'.repeat(3_000)])
      expect((await ask('get', `/servers/${id}`)).status, id).toBe(404)
    expect((await ask('get', '/servers/%E0%A4%A')).status).toBe(400)
  })

  it('are added as drafts only, whatever the request says', async () => {
    const made = await ask('post', '/servers', {
      ...draft,
      state: 'running',
      seen: 'f'.repeat(43),
      id: 'srv_1',
    })
    expect(made).toMatchObject({ status: 201, json: { state: 'draft', name: 'Made' } })
    expect(made.headers.location).toBe(`/api/v1/servers/${made.json.id}`)
    expect(JSON.stringify(made.json)).not.toContain('canary-value')
    expect(f.calls.map((one) => one.name)).toEqual(['servers.draft'])
    expect(await ask('post', '/servers', draft)).toMatchObject({
      status: 409,
      json: { error: { code: 'name-taken' } },
    })
  })

  it('that nobody looked at cannot be started, stopped or restarted by a program', async () => {
    for (const act of ['start', 'stop', 'restart']) {
      const answer = await ask('post', `/servers/new-one/${act}`, { seen: 'f'.repeat(43) })
      expect(answer).toMatchObject({ status: 409, json: { error: { code: 'needs-owner' } } })
      expect(answer.json.error.hint).toContain('drawbridge server start new-one')
    }
    expect(f.calls.every((one) => one.name === 'servers.list')).toBe(true)
    expect(host.state.servers[1]!.state).toBe('draft')
  })

  it('that became a draft while the program asked stay one', async () => {
    host.state.servers[0]!.state = 'stopped'
    const listed = host.dispatch
    await f.close()
    f = await startFixture({
      ui: true,
      dispatch: async (name, input) => {
        const reply = structuredClone(await listed(name, input))
        if (name === 'servers.list') host.state.servers[0]!.state = 'draft'
        return reply
      },
    })
    expect(await ask('post', '/servers/files/start')).toMatchObject({
      status: 409,
      json: { error: { code: 'needs-owner' } },
    })
    expect(f.calls.at(-1)).toEqual({ name: 'servers.start', input: { id: 'srv_1' } })
  })

  it('are started, stopped, restarted, changed and removed', async () => {
    expect((await ask('post', '/servers/remote/start')).json.state).toBe('running')
    expect((await ask('post', '/servers/remote/stop')).json.state).toBe('stopped')
    expect((await ask('post', '/servers/remote/restart')).json.restarts).toBe(1)
    expect(
      (await ask('patch', '/servers/remote', { prefixed: false, passesClientContext: false, timeout: 5_000 }))
        .json,
    ).toMatchObject({
      prefixed: false,
      passesClientContext: false,
      timeout: 5_000,
      state: 'stopped',
    })
    expect((await ask('patch', '/servers/remote', { startTimeout: 90_000 })).json.startTimeout).toBe(90_000)
    for (const odd of [
      { timeout: 1 },
      { startTimeout: 601_000 },
      { timeout: '5000' },
      // who is asking is for the owner to say
      { passesClientContext: true },
      { command: '/bin/sh' },
      { state: 'running' },
      { id: 'srv_1' },
    ])
      expect((await ask('patch', '/servers/remote', odd)).status, JSON.stringify(odd)).toBe(400)
    expect(await ask('delete', '/servers/remote')).toMatchObject({ status: 204, json: null })
    expect((await ask('delete', '/servers/remote')).status).toBe(404)
  })

  it('tell how they are doing and what they wrote, without being asked', async () => {
    expect((await ask('get', '/servers/files/health')).json).toEqual({
      ...{ checkedAt: 5, ok: true, requests: 3, median: 1.5, p95: 4, lastError: null },
      ...{
        state: 'running',
        transport: 'stdio',
        protocol: '2025-11-25',
        startedAt: 1,
        restarts: 0,
        error: null,
      },
    })
    expect((await ask('get', '/servers/files/logs')).json).toEqual({ lines: ['ready', 'second line'] })
    expect(f.calls.every((one) => one.name === 'servers.list')).toBe(true)
  })
})

describe('folders', () => {
  it('are listed, found by id and by name, looked at again, paused and forgotten', async () => {
    expect((await ask('get', '/folders')).json.folders).toMatchObject([{ id: 'folder_1', name: 'Notes' }])
    for (const id of ['folder_1', 'Notes'])
      expect((await ask('get', `/folders/${id}`)).json).toMatchObject({ id: 'folder_1', state: 'ready' })
    expect((await ask('get', '/folders/Notes/left-out?reason=secret&offset=0')).json.items).toMatchObject([
      { reason: 'secret' },
      {},
    ])
    expect(f.calls.at(-1)!.input).toEqual({ id: 'folder_1', reason: 'secret', offset: 0 })
    for (const query of ['reason=none', 'offset=x', 'offset=', 'offset=-1', 'page=1'])
      expect((await ask('get', `/folders/Notes/left-out?${query}`)).status, query).toBe(400)
    expect(await ask('post', '/folders/Notes/refresh')).toMatchObject({
      status: 200,
      json: { id: 'folder_1' },
    })
    expect((await ask('post', '/folders/Notes/pause')).json.state).toBe('paused')
    expect(await ask('delete', '/folders/Notes')).toMatchObject({ status: 204, json: null })
    for (const [method, path] of [
      ...[['get', ''] as const, ['get', '/left-out'] as const, ['post', '/refresh'] as const],
      ...[['post', '/pause'] as const, ['delete', ''] as const],
    ])
      expect((await ask(method, `/folders/Notes${path}`)).status, `${method} ${path}`).toBe(404)
  })

  it('are added paused and to be read only, whatever the request says, and nothing lets them go on', async () => {
    const made = await ask('post', '/folders', {
      path: '/home/ada/Papers',
      excludes: ['Private'],
      paused: true,
    })
    expect(made).toMatchObject({ status: 201, json: { name: 'Papers', state: 'paused', isWritable: false } })
    expect(made.headers.location).toBe(`/api/v1/folders/${made.json.id}`)
    const paused = { path: '/home/ada/Papers', excludes: ['Private'], writable: false, paused: true }
    expect(f.calls).toEqual([{ name: 'folders.add', input: paused }])
    for (const more of [{ writable: true }, { paused: false }, { isWritable: true }, { id: 'folder_1' }])
      expect(
        await ask('post', '/folders', { path: '/home/ada/Papers', ...more }),
        JSON.stringify(more),
      ).toMatchObject({ status: 400, json: { error: { code: 'bad-input' } } })
    expect((await ask('post', '/folders', { path: '/home/ada/nowhere' })).status).toBe(404)
    for (const [method, path] of [
      ['post', '/resume'],
      ['post', '/write'],
      ['patch', ''],
      ['put', ''],
    ] as const)
      expect((await ask(method, `/folders/Notes${path}`, { paused: false })).status, path).toBeGreaterThan(
        403,
      )
    expect(f.calls.every(({ name }) => name === 'folders.add')).toBe(true)
  })
})

describe('activity and status', () => {
  it('goes page by page', async () => {
    const first = await ask('get', '/activity?limit=2')
    expect(first.json.calls.map((one: { id: string }) => one.id)).toEqual(['call_3', 'call_2'])
    expect(first.json.next).toBe('call_2')
    const second = await ask('get', `/activity?limit=2&before=${first.json.next}&search=files`)
    expect(second.json).toMatchObject({ calls: [{ id: 'call_1' }], next: null })
    expect(f.calls.at(-1)!.input).toEqual({ limit: 2, before: 'call_2', search: 'files' })
    expect((await ask('get', '/status')).json.version).toBe('9.9.9')
  })

  it('is narrowed down by whatever a row is known by', async () => {
    const { json } = await ask('get', '/activity?tool=files__read&outcome=answered&since=0&until=99')
    expect(json).toEqual({ calls: [], next: null })
    expect(f.calls.at(-1)!.input).toEqual({
      filter: { tool: 'files__read', outcome: 'answered', since: 0, until: 99 },
    })
    for (const query of ['since=x', 'since=', 'risk=none', 'outcome=', 'until=1.5', 'filter=x'])
      expect((await ask('get', `/activity?${query}`)).status, query).toBe(400)
    expect((await ask('get', '/activity/call_1')).json.id).toBe('call_1')
    expect((await ask('get', '/activity/call_9')).status).toBe(404)
  })

  it('is exported in parts, to its end', async () => {
    const all = await send('get', '/activity/export')
    expect(all.status).toBe(200)
    expect(all.headers['content-type']).toMatch(/^application\/jsonl/)
    const ids = all.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).id)
    expect(ids).toEqual(['call_1', 'call_2', 'call_3'])
    expect(f.calls.map(({ name }) => name)).toEqual(Array(3).fill('activity.export'))
    expect((await send('get', '/activity/export?format=csv')).headers['content-type']).toMatch(/^text\/csv/)
    for (const query of ['format=xml', 'since=x', 'after=1'])
      expect((await ask('get', `/activity/export?${query}`)).status, query).toBe(400)
  })

  it('asks for no further part while nobody takes the last one, and for none when the client has gone', async () => {
    let asked = 0
    await f.close()
    f = await startFixture({
      ui: true,
      dispatch: async (name) => {
        if (name !== 'activity.export') throw new Error(name)
        asked += 1
        return {
          ok: true,
          value: { text: 'x'.repeat(1_000_000), next: { seq: asked, rows: asked }, rows: asked },
        }
      },
    })
    const gone = await new Promise<() => void>((resolve, reject) => {
      const req = request(
        { host: '127.0.0.1', port: f.port, path: '/api/v1/activity/export', headers: f.byAdmin },
        (res) => {
          res.pause()
          res.on('error', () => {})
          resolve(() => req.destroy())
        },
      )
      req.on('error', reject).end()
    })
    await sleep(1_000)
    const held = asked
    expect(held).toBeLessThan(30)
    await sleep(500)
    expect(asked).toBe(held)
    gone()
    await sleep(300)
    expect(asked).toBeLessThanOrEqual(held + 1)
  })

  it('tells who waits for the owner, and neither what for nor what would let it run', async () => {
    host.state.approvals = [
      sampleOf(ApprovalDetails, {
        ...{ id: 'ask_1', tool: 'mail__send', line: 'mail__send {"to":"canary"}', lineSeen: 'canary' },
        ...{ arguments: '{"to":"canary"}', seen: 'canary', sentence: 'Sends canary.' },
      }),
    ]
    const { status, json } = await ask('get', '/waiting')
    expect([status, json]).toEqual([
      200,
      { waiting: [expect.objectContaining({ id: 'ask_1', tool: 'mail__send', why: 'access' })] },
    ])
    expect(JSON.stringify(json)).not.toContain('canary')
  })

  it('is checked, added up and told', async () => {
    expect((await ask('get', '/activity/check')).json.isMarked).toBe(true)
    expect((await ask('get', '/activity/usage')).json.days).toHaveLength(1)
    expect((await ask('get', '/activity/diary?since=0&until=5')).status).toBe(200)
    expect(f.calls.at(-1)!.input).toEqual({ since: 0, until: 5 })
    expect((await ask('get', '/activity/usage?since=x')).status).toBe(400)
  })

  it('refuses what it does not know', async () => {
    for (const query of [
      'limit=x',
      'limit=',
      'limit=0',
      'limit=501',
      'limit=1.5',
      'limit=1&limit=2',
      'page=2',
      '__proto__=1',
    ])
      expect((await ask('get', `/activity?${query}`)).status, query).toBe(400)
    expect((await ask('get', '/servers?x=1')).status).toBe(400)
  })
})

describe('what is sent and answered', () => {
  it('is JSON of at most 1 MB', async () => {
    for (const body of ['{', '[]', '"x"', 'null', ''])
      expect((await send('post', '/servers', body)).status, body).toBe(400)
    expect((await send('post', '/servers', `{"name":"${'x'.repeat(1_000_001)}"}`)).status).toBe(413)
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])
      expect((await send('post', '/servers', draft, { ...f.byAdmin, 'content-type': type })).status).toBe(415)
    expect((await send('post', '/servers', draft, { ...f.byAdmin, 'content-encoding': 'gzip' })).status).toBe(
      415,
    )
    for (const wrong of [
      {},
      { kind: 'ftp' },
      { ...draft, name: '' },
      { kind: 'http', name: 'x', url: 'file:///etc/passwd' },
    ])
      expect((await ask('post', '/servers', wrong)).json.error).toMatchObject({ code: 'bad-input' })
    expect(host.state.servers).toHaveLength(3)
  })

  it('says what went wrong in one form, and nothing of the inside', async () => {
    const broken = await ask('get', '/activity?search=boom')
    expect(broken.status).toBe(500)
    expect(JSON.stringify(broken.json)).not.toContain('secret detail')
    for (const [method, path] of [
      ['get', '/servers/none'],
      ['get', '/nowhere'],
      ['put', '/servers'],
      ['post', '/status'],
    ] as const)
      expect(Object.keys((await ask(method, path)).json)).toEqual(['error'])
  })

  it('knows which methods there are', async () => {
    for (const path of new Set(restRoutes.map((route) => route.path)))
      for (const method of ['get', 'post', 'put', 'patch', 'delete', 'options']) {
        const known = restRoutes.some((route) => route.path === path && route.method === method)
        if (known) continue
        const answer = await send(method, sample(path), method === 'get' ? undefined : {})
        expect(answer.status, `${method} ${path}`).toBe(405)
        expect(answer.headers.allow).not.toContain(method.toUpperCase())
      }
    expect((await send('head', '/status')).status).toBe(200)
    expect((await send('get', '/Servers')).status).toBe(404)
  })
})

describe('the OpenAPI document', () => {
  it('is valid OpenAPI 3.1, and what is served', async () => {
    const { json } = await ask('get', '/openapi.json')
    expect(json).toEqual(JSON.parse(JSON.stringify(openapi(restRoutes))))
    const result = await new Validator().validate(structuredClone(json))
    expect(result.errors ?? []).toEqual([])
    expect(result.valid).toBe(true)
  })

  it('names every route there is, and no other', async () => {
    const document = openapi(restRoutes) as unknown as { paths: Record<string, Record<string, object>> }
    const told = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method} ${path}`),
    )
    expect(told.sort()).toEqual(
      [...every.map(([method, path]) => `${method} ${path}`), 'get /openapi.json'].sort(),
    )
    const ids = Object.values(document.paths).flatMap((item) =>
      Object.values(item).map((one) => (one as { operationId: string }).operationId),
    )
    expect(new Set(ids).size).toBe(ids.length)
    // every one of them answers as something that is there
    for (const [method, path] of every)
      expect((await send(method, sample(path), bodyOf(method, path))).status, `${method} ${path}`).not.toBe(
        405,
      )
  })

  it('lets programs take a tool for more dangerous, and not for less', async () => {
    const patch = (body: object) => ask('patch', '/tools/files__read', body)
    expect(await patch({ risk: 'destructive' })).toMatchObject({ status: 200, json: { risk: 'destructive' } })
    const lower = await patch({ risk: 'read' })
    expect(lower).toMatchObject({ status: 409, json: { error: { code: 'needs-owner' } } })
    for (const body of [{ enabled: true }, { note: 'x' }, { alias: 'x' }, { risk: null }])
      expect(await patch(body), JSON.stringify(body)).toMatchObject({ status: 400 })
    expect(f.calls.filter(({ name }) => name.startsWith('tools.') && name !== 'tools.list')).toEqual([
      { name: 'tools.restrict', input: { id: 'files__read', risk: 'destructive' } },
      { name: 'tools.restrict', input: { id: 'files__read', risk: 'read' } },
    ])
    expect((await ask('get', '/tools/nothing/differences')).status).toBe(404)
    expect((await ask('get', '/tools')).json).toMatchObject({ tools: expect.any(Array), changedServers: [] })
  })

  it('describes the answers as they are', async () => {
    const { json: document } = await ask('get', '/openapi.json')
    const ajv = new Ajv2020({ strict: false, validateFormats: false })
    ajv.addSchema({ $id: 'doc', ...document })
    const check = (pointer: string, value: unknown) => {
      const validate = ajv.compile({ $ref: `doc#${pointer}` })
      expect(validate(value), JSON.stringify(validate.errors)).toBe(true)
    }
    for (const route of restRoutes.toReversed()) {
      // What is sent in parts is no JSON, and tried below.
      if (route.streams) continue
      const answer = await ask(route.method, sample(route.path), bodyOf(route.method, route.path))
      expect(answer.status, `${route.method} ${route.path}`).toBe(route.answer.status)
      const at = `/paths/${route.path.replaceAll('/', '~1').replaceAll('{', '%7B').replaceAll('}', '%7D')}/${route.method}`
      const schema = `content/application~1json/schema`
      if (route.answer.status !== 204) check(`${at}/responses/${route.answer.status}/${schema}`, answer.json)
      if (route.body) check(`${at}/requestBody/${schema}`, bodyOf(route.method, route.path))
      if (route.method === 'delete') host.state.servers.unshift(...fakeRestHost().state.servers.slice(0, 1))
      const refused = await send(route.method, sample(route.path), bodyOf(route.method, route.path), {})
      check(`${at}/responses/401/${schema}`, JSON.parse(refused.text))
    }
    expect(writes.length).toBeGreaterThan(4)
  })
})
