import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pageScripts } from '../../src/net/pages/page-scripts.ts'
import { type Hostile, random } from '../../src/oauth/testing/hostile-requests.ts'
import { connectAssistant } from '../fixtures/assistant.ts'
import { type InProcess, startInProcess } from '../fixtures/in-process.ts'
import { moveProcessClock, type ProcessClock } from './fixture-clock.ts'
import { mutators } from './hostile-mutators.ts'
import { evil, type Knowledge, stranger } from './hostile-parts.ts'
import { hostileTemplates } from './hostile-templates.ts'
import { type Got, pinnedClient, sendRaw, statusOf } from './raw-requests.ts'

/**
 * Every template, turned by every mutator, through the whole public listener: nobody gets in, nobody is sent elsewhere,
 * nothing breaks. ATTACK_REQUESTS asks for more than one round, ATTACK_SEED for others.
 */
const seed = Number(process.env.ATTACK_SEED ?? 20261121)

let under: InProcess
let clock: ProcessClock
let templates: [string, Hostile][]
const redirect = 'http://127.0.0.1:49152/callback'
const pinned = pinnedClient('pinned') as { clientId: string; redirect: string; kind: 'metadata-document' }

beforeAll(async () => {
  clock = moveProcessClock()
  under = await startInProcess()
  await under.ask('workspaces.create', { name: 'home', title: 'Home', sources: [] })
  const registered = await under.ask('clients.register', {
    name: 'Machine',
    grantTypes: ['client_credentials'],
    confidential: true,
  })
  let code = ''
  const browse = await under.letIn()
  const client = { kind: 'dynamic', name: 'Victim', redirect } as const
  const victim = await connectAssistant(under.host.mcpUrl, client, async (url, redirect) => {
    const back = await browse(url, redirect)
    code = back.searchParams.get('code')!
    return back
  })
  const key = await under.ask('keys.create', {
    name: 'Dead',
    access: 'look',
  })
  for (const grant of await under.ask('grants.list'))
    if (grant.clientId !== registered.clientId) await under.ask('grants.revoke', { id: grant.id })
  const known: Knowledge = {
    origin: under.local,
    oauth: '',
    mcp: '/mcp',
    clientId: victim.clientId,
    redirect,
    pinned,
    confidential: registered.clientId,
    dead: {
      code,
      refresh: victim.tokens.refresh,
      access: victim.tokens.access,
      key: key.token,
      verifier: 'v'.repeat(43),
    },
  }
  templates = Object.entries({
    ...hostileTemplates(known),
    ...hostileTemplates({ ...known, oauth: '/w/home', mcp: '/mcp/home' }),
  })
}, 60_000)
afterAll(async () => {
  clock.restore()
  await under?.stop()
})

/** Registrations that nobody approves are forgotten, so the stranger comes again. */
let strangerId = ''
const registerStranger = async () => {
  clock.move(3_600_001)
  const answer = await sendRaw(under, {
    method: 'POST',
    path: '/oauth/register',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ client_name: 'Stranger', redirect_uris: [evil] }),
  })
  strangerId = (JSON.parse(answer.text) as { client_id: string }).client_id
  expect(answer.status).toBe(201)
}

/** What http lets through of it: paths and headers in bytes, the form in the query or the body. */
const sendHostile = ({ method, path, form, headers, body }: Hostile): Promise<Got> => {
  const encoded = new URLSearchParams(
    form.map(([name, value]): [string, string] => [
      name.toWellFormed(),
      value.replace(stranger, strangerId).toWellFormed(),
    ]),
  ).toString()
  const hasBody = !['GET', 'HEAD', 'TRACE', 'OPTIONS'].includes(method)
  const query = hasBody || encoded === '' ? '' : `${path.includes('?') ? '&' : '?'}${encoded}`
  return sendRaw(under, {
    method,
    path: (path + query).replace(/[^\x21-\xff]/g, encodeURIComponent),
    headers: hasBody ? { 'content-type': 'application/x-www-form-urlencoded', ...headers } : headers,
    ...(hasBody ? { body: (body ?? encoded).toWellFormed() } : {}),
  })
}

/** An error may be told to the redirect URI that a client the owner let in has registered; nothing else leaves. */
const isOurs = (location: string): boolean => {
  const target = new URL(location, under.local)
  if (target.origin === under.local)
    return /^\/oauth\/(?:w\/home\/)?(?:wait|authorize)\//.test(target.pathname)
  const known = target.origin === new URL(redirect).origin && target.pathname === new URL(redirect).pathname
  // in the fragment when that is how the refused response type would have answered
  const said = new URLSearchParams(target.search || target.hash.slice(1))
  return known && said.has('error') && !['code', 'access_token', 'id_token'].some((name) => said.has(name))
}

async function honest(n: number): Promise<void> {
  const before = await grantIds()
  for (const registration of [
    { kind: 'dynamic', name: `Honest ${n}`, redirect } as const,
    pinnedClient(`honest${n}`),
  ]) {
    const assistant = await under.connect(registration)
    expect(await statusOf(under, assistant.tokens.access)).toBe(200)
    await assistant.refresh()
    expect(await statusOf(under, assistant.tokens.access)).toBe(200)
  }
  const added = (await grantIds()).filter((id) => !before.includes(id))
  expect(added).toHaveLength(2)
  for (const id of added) await under.ask('grants.revoke', { id })
}
const grantIds = async () => (await under.ask('grants.list')).map((grant) => grant.id)

const withoutOurs = (html: string): string =>
  Object.values(pageScripts).reduce((text, script) => text.replace(`<script>${script}</script>`, ''), html)

describe('hostile requests', () => {
  it('let nobody in, send nobody elsewhere and break nothing', { timeout: 600_000 }, async () => {
    expect(templates.length).toBeGreaterThanOrEqual(150)
    expect(mutators.length).toBeGreaterThanOrEqual(20)
    const wanted = Math.max(Number(process.env.ATTACK_REQUESTS ?? 0), templates.length * mutators.length)
    console.log(
      `seed ${seed}: ${templates.length} templates × ${mutators.length} mutators, ${wanted} requests`,
    )
    const r = random(seed)
    const expected = await grantIds()
    await registerStranger()
    const statuses = new Map<number, number>()
    let registered = 0
    let flows = 0
    for (let n = 0; n < wanted; n += 1) {
      const [name, template] = templates[n % templates.length]!
      const request = structuredClone(template)
      const round = Math.floor(n / templates.length)
      mutators[round % mutators.length]!(request, r)
      for (let more = Math.floor(r.next() * 3); more > 0; more -= 1) r.pick(mutators)(request, r)
      // half of them inside an open window, where more of the host can be reached
      if (r.next() < 0.5) await under.ask('connect.open', { client: 'other' })
      else await under.ask('connect.close')
      const answer = await sendHostile(request)
      const told = `seed ${seed}, request ${n} (${name}): ${JSON.stringify(request).slice(0, 800)} → ${answer.status}`
      expect(answer.status, told).toBeLessThan(500)
      if (answer.headers.location !== undefined)
        expect(isOurs(answer.headers.location), `${told} → ${answer.headers.location}`).toBe(true)
      expect(String(answer.headers['set-cookie'] ?? ''), told).not.toMatch(/\ba=b\b/)
      expect(answer.headers['access-control-allow-credentials'], told).toBeUndefined()
      expect(answer.text, told).not.toMatch(
        /"(?:access_token|refresh_token|id_token|inputSchema)":|\n\s+at .+:\d+/,
      )
      expect(answer.headers['content-type'] ?? '', told).not.toMatch(/html(?!; charset=utf-8)/)
      if (/html/.test(answer.headers['content-type'] ?? ''))
        // The two constant scripts are ours, whole; any other is somebody else's.
        expect(withoutOurs(answer.text), told).not.toMatch(/<script|<img/i)
      expect(await grantIds(), told).toEqual(expected)
      for (const { id } of await under.ask('connections.list')) await under.ask('connections.deny', { id })
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
      // the cap on registrations must not be all that stands in the way
      if (answer.status === 201) registered += 1
      if (answer.status === 201 && registered % 15 === 0) await registerStranger()
      if (n % 500 === 499) {
        await registerStranger()
        await honest(n)
        flows += 1
      }
    }
    console.log(`${flows * 2} honest flows between; ${JSON.stringify(Object.fromEntries(statuses))}`)
    expect(flows).toBe(Math.floor(wanted / 500))
    // worth something only if the requests went different ways
    for (const status of [200, 201, 303, 400, 401, 403, 404, 405, 413, 421, 431])
      expect(statuses.get(status) ?? 0, `answers ${status}`).toBeGreaterThan(0)
  })
})
