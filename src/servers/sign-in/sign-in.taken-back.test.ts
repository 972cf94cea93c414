/** What its owner took back, or whom he signed in, while a token or a call was on its way: a call runs as who it was asked about, or not. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { callerOf, makePipeline, principalOf } from '../../gateway/testing/fixture-pipeline.ts'
import { silentLog } from '../../kernel/log/log.ts'
import type { Servers } from '../registry/interface.ts'
import { createServers } from '../registry/servers.ts'
import { closeAll, type SetUp, setUp, until } from '../testing/setup.ts'
import { createSignIns } from './create-sign-ins.ts'
import type { SignIns } from './sign-ins.ts'
import { type ProtectedServer, startProtectedServer } from './testing/fixture-protected-server.ts'

let at: SetUp
let signIns: SignIns
let servers: Servers
let there: ProtectedServer
let house: ReturnType<typeof makePipeline>
let id: string

function begin(): void {
  const { vault, clock, db, redactor } = at
  signIns = createSignIns({ vault, clock, log: silentLog })
  servers = createServers({ db, vault, clock, redactor, log: silentLog, signIns, env: {} })
}

beforeEach(async () => {
  at = setUp()
  begin()
  there = await startProtectedServer()
  ;({ id } = await servers.add({ kind: 'http', name: 'Notes', url: there.url, headers: {}, timeout: 20_000 }))
  await signInAs('Anna')
  await until(() => now().state === 'running')
  house = makePipeline(servers.sources())
  there.ranAs.length = 0
})
afterEach(async () => {
  house.stop()
  await servers.stop()
  await signIns.stop()
  await closeAll()
  await there.close()
})

const now = () => servers.list()[0]!
const edition = () => servers.sources()[0]!.edition()
const fingerprint = () => servers.sources()[0]!.identity().fingerprint
/** What the page says in the end. */
async function signInAs(who: string): Promise<string> {
  there.who = who
  const { signIn } = await servers.signIn(id)
  return (await fetch(await there.browse(signIn.url!))).text()
}
const call = (access: 'ask' | 'everything' = 'everything') =>
  house.request(
    'tools/call',
    { name: 'notes__read_note', arguments: {} },
    {},
    callerOf(principalOf({ access })),
  )
async function say(choice: 'once' | 'exact'): Promise<void> {
  await vi.waitFor(() => expect(house.approvals.list()).toHaveLength(1))
  const { id } = house.approvals.list()[0]!
  house.approvals.decide(id, choice, house.approvals.get(id).seen)
}
const ended = (code: string) => ({ isError: true, _meta: { 'drawbridge/code': code } })
const kept = () => [...at.secrets.keys()].filter((name) => /access|refresh|tokens/.test(name))
/** The token has to be renewed before anything can be sent. */
const late = () => at.clock.skip(3_600_000)

it('what is on its way as one account is not sent again as another', async () => {
  const held = there.hold('/mcp')
  const answer = call('ask')
  await say('once')
  await held.reached
  there.expire()
  expect(await signInAs('Bert')).toContain('Signed in')
  held.letGo()
  expect(await answer).toMatchObject(ended('server-edited'))
  expect(await call()).not.toHaveProperty('isError')
  expect(there.ranAs).toEqual(['Bert'])
})

it('what is refused and renewed for the same account is sent again, without being asked about', async () => {
  there.expire()
  const before = edition()
  const answer = call('ask')
  await say('once')
  expect(await answer).not.toHaveProperty('isError')
  expect([there.ranAs, edition()]).toEqual([['Anna'], before])
})

it.each(['rule', 'tool'] as const)('a %s taken back while the token is renewed', async (what) => {
  if (what === 'rule') {
    const first = call('ask')
    await say('exact')
    await first
  }
  there.ranAs.length = 0
  late()
  const held = there.hold('/token')
  const answer = call(what === 'rule' ? 'ask' : 'everything')
  await held.reached
  if (what === 'rule') for (const rule of house.rules.list()) house.rules.revoke(rule.id)
  else {
    for (const one of house.catalog.all()) house.settings.set(one.id, { enabled: false })
    house.catalog.refresh()
  }
  held.letGo()
  expect(await answer).toMatchObject(ended(what === 'rule' ? 'rule-ended' : 'disabled'))
  expect(there.ranAs).toEqual([])
})

it.each(['answered', 'refused'] as const)('a renewal that is %s after another signed in', async (how) => {
  late()
  const held = there.hold(how === 'answered' ? 'answer of /token' : '/token')
  const answer = call()
  await held.reached
  await signInAs('Bert')
  if (how === 'refused') there.withdraw()
  held.letGo()
  expect(await answer).toMatchObject(ended('server-edited'))
  expect(await call()).not.toHaveProperty('isError')
  expect(there.ranAs).toEqual(['Bert'])
  expect(now().signIn.state).toBe('signed-in')
})

it('the tokens of a renewal that was on its way when its owner signed out are kept nowhere', async () => {
  late()
  const held = there.hold('answer of /token')
  const answer = call()
  await held.reached
  await servers.signOut(id)
  held.letGo()
  await answer
  await sleep(100)
  expect(kept()).toEqual([])
  expect((await servers.restart(id)).state).toBe('signed-out')
  expect(there.ranAs).toEqual([])
})

it('what is called after its owner signed out, while the authorization server is told', async () => {
  const held = there.hold('/token/revocation')
  const signingOut = servers.signOut(id)
  await held.reached
  expect(await call()).toMatchObject(ended('server-signed-out'))
  held.letGo()
  await signingOut
  expect([there.ranAs, kept(), now().state]).toEqual([[], [], 'signed-out'])
})

it('a sign-in that was dropped while its tokens were on their way', async () => {
  const held = there.hold('answer of /token')
  const before = kept().map((name) => at.secrets.get(name))
  const signing = signInAs('Bert')
  await held.reached
  signIns.for({ id, name: 'Notes', url: there.url, oauth: null }).cancel()
  held.letGo()
  expect(await signing).not.toContain('Signed in')
  expect(kept().map((name) => at.secrets.get(name))).toEqual(before)
  await call()
  expect(there.ranAs).toEqual(['Anna'])
})

const { signal } = new AbortController()
const directly = (edition?: number) =>
  servers
    .sources()[0]!
    .call(
      'read_note',
      {},
      { signal, client: 'a', capabilities: {}, ...(edition !== undefined && { edition }) },
    )

it('what is sent while the tokens of another are written down runs as who was shown', async () => {
  const shown = edition()
  const { set } = at.vault
  at.vault.set = async (name, value) => {
    await directly(shown).catch(() => {})
    return set(name, value)
  }
  await signInAs('Bert')
  at.vault.set = set
  expect(new Set(there.ranAs)).toEqual(new Set(['Anna']))
  await expect(directly(shown)).rejects.toMatchObject({ code: 'server-edited' })
  await directly()
  expect(there.ranAs.at(-1)).toBe('Bert')
})

it.each([0, 1, 2, 3])(
  'a sign-in of which write %i fails leaves who was signed in before, also at the next start',
  async (fails) => {
    const answer = call('ask')
    await vi.waitFor(() => expect(house.approvals.list()).toHaveLength(1))
    const { set } = at.vault
    let writes = 0
    at.vault.set = async (name, value) => {
      if (writes++ === fails) throw new Error('the vault is locked')
      return set(name, value)
    }
    const isIn = (await signInAs('Bert')).includes('Signed in')
    at.vault.set = set
    await say('once')
    await answer
    expect(there.ranAs).toEqual(isIn ? [] : ['Anna'])
    await servers.stop()
    await signIns.stop()
    begin()
    await servers.startAll()
    await directly()
    expect(there.ranAs.at(-1)).toBe(isIn ? 'Bert' : 'Anna')
  },
)

it.each(['renewal', 'sign-in'] as const)(
  'another address gets nothing of a %s that was on its way when its owner put it there',
  async (what) => {
    const got: string[] = []
    const other = createServer((req, res) => {
      if (req.headers.authorization) got.push(req.headers.authorization)
      res.writeHead(401, { 'www-authenticate': 'Bearer' }).end()
    })
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}/mcp`
    if (what === 'renewal') late()
    const held = there.hold('answer of /token')
    const going: Promise<unknown> = what === 'renewal' ? call() : signInAs('Bert')
    await held.reached
    await servers.edit({ id, kind: 'http', name: 'Notes', url, headers: {} })
    held.letGo()
    await going
    await sleep(100)
    expect(kept()).toEqual([])
    await servers.stop()
    await signIns.stop()
    begin()
    await servers.startAll()
    expect(got).toEqual([])
    other.closeAllConnections()
    other.close()
  },
)

it.each([false, true])(
  'of a sign-in that is dropped between two writes nothing stays, also where another is signed in: %s',
  async (isIn) => {
    if (!isIn) await servers.signOut(id)
    const before = [...at.secrets].filter(([name]) => /access|refresh|tokens/.test(name)).sort()
    const { set } = at.vault
    at.vault.set = async (name, value) => {
      await set(name, value)
      if (name.endsWith('/access')) signIns.for({ id, name: 'Notes', url: there.url, oauth: null }).cancel()
    }
    const page = await signInAs('Bert')
    at.vault.set = set
    expect(page).not.toContain('Signed in')
    expect([...at.secrets].filter(([name]) => /access|refresh|tokens/.test(name)).sort()).toEqual(before)
  },
)

it('a renewal that still looks for the authorization server when its owner signs out sends it nothing', async () => {
  at.clock.skip(3_600_000)
  const held = there.hold('/.well-known/oauth-authorization-server')
  const answer = call()
  await held.reached
  await servers.signOut(id)
  there.seen.length = 0
  held.letGo()
  expect(await answer).toMatchObject({ isError: true })
  await sleep(100)
  expect(there.seen).not.toContain('POST /token')
})

it.each(['renewal', 'revocation'] as const)(
  'a %s that still looks for the authorization server does not take the secret of another there',
  async (what) => {
    await there.close()
    const client = {
      client_id: 'given',
      client_secret: 'secret-1',
      redirect_uris: ['http://127.0.0.1/callback'],
    }
    there = await startProtectedServer({ clients: [client] })
    const is = { id, kind: 'http' as const, name: 'Notes', headers: {} }
    const given = { clientId: 'given', clientSecret: 'secret-1', scopes: ['read'] }
    await servers.edit({ ...is, url: there.url, oauth: given })
    await signInAs('Anna')
    await until(() => now().state === 'running')
    house.stop()
    house = makePipeline(servers.sources())
    if (what === 'renewal') at.clock.skip(3_600_000)
    const held = there.hold('/.well-known/oauth-authorization-server')
    const going = what === 'renewal' ? call() : servers.signOut(id)
    await held.reached
    const other = { clientId: 'other', clientSecret: 'secret-2', scopes: ['read'] }
    await servers.edit({ ...is, url: 'http://127.0.0.1:9/mcp', oauth: other })
    // What was known of the old one was told it with its own secret.
    there.seen.length = 0
    held.letGo()
    await Promise.resolve(going).catch(() => {})
    await sleep(100)
    expect(there.seen.filter((one) => one.startsWith('POST'))).toEqual([])
  },
)

it('is another server to rules with another account, also after a restart, and the same after a renewal', async () => {
  const anna = fingerprint()
  there.expire()
  expect(await call()).not.toHaveProperty('isError')
  expect(fingerprint()).toBe(anna)
  await signInAs('Bert')
  const bert = fingerprint()
  expect(bert).not.toBe(anna)
  await servers.stop()
  await signIns.stop()
  begin()
  expect(fingerprint()).toBe(bert)
})
