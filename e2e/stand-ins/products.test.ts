import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Server } from '../../src/contract/servers.ts'
import { callTool, chatgpt, rpc } from '../clients/guides/guide.ts'
import type { Assistant } from '../fixtures/assistant.ts'
import { type InProcess, startInProcess } from '../fixtures/in-process.ts'
import { type FakeGBrain, startFakeGBrain } from './fake-gbrain.ts'
import { startFakeOpsTrails } from './fake-opstrails.ts'
import type { FakeProduct } from './fake-product.ts'
import { type FakeRadarboard, startFakeRadarboard } from './fake-radarboard.ts'

/**
 * The products of the guides behind Drawbridge: added as servers, signed in to as their guides say, and called by ChatGPT through the
 * public address. They themselves are played (`fake-….ts` says by which lines of the guide).
 */
function house<P extends FakeProduct>(name: string, start: () => Promise<P>) {
  let at: InProcess
  let product: P
  let assistant: Assistant
  beforeAll(async () => {
    product = await start()
    at = await startInProcess({ tunnel: true })
  })
  afterAll(async () => {
    await at?.stop()
    await product?.close()
  })
  const now = async (): Promise<Server> => (await at.ask('servers.list'))[0]!
  return {
    at: () => at,
    product: () => product,
    now,
    add: (url = product.url) => at.ask('servers.add', { kind: 'http', name, url }),
    /** The owner presses *Sign in*; a person goes through the product's page. */
    async signIn(choose?: { organization?: string }): Promise<void> {
      const { signIn } = await at.ask('servers.signIn', { id: (await now()).id })
      expect(await product.approve(signIn.url!, choose)).toContain('You can go back to Drawbridge.')
      await vi.waitFor(
        async () => expect(await now()).toMatchObject({ state: 'running', error: null }),
        10_000,
      )
    },
    async letChatGptIn(): Promise<void> {
      assistant = await chatgpt(at, `${at.public}/mcp`, await at.letIn({ expects: 'chatgpt' }))
    },
    async schemas(): Promise<Record<string, unknown>> {
      const { body } = await rpc(assistant, 'tools/list')
      const tools = body.result!.tools as { name: string; inputSchema?: { properties?: unknown } }[]
      return Object.fromEntries(tools.map((one) => [one.name, one.inputSchema?.properties]))
    },
    /** As ChatGPT gets it. */
    async call(tool: string, args: object = {}): Promise<{ text: string; isError: boolean }> {
      const { body } = await callTool(assistant, tool, args)
      return { text: body.result?.content?.[0]?.text ?? '', isError: body.result?.isError ?? false }
    },
  }
}

/** What the owner is told to register by hand. */
const redirectIn = ({ hint }: { hint: string }): string =>
  /http:\/\/127\.0\.0\.1:\d+\/callback/.exec(hint)![0]

describe('Radarboard, as a server of ours', () => {
  const { product, at, now, add, signIn, letChatGptIn, schemas, call } = house<FakeRadarboard>(
    'Radarboard',
    startFakeRadarboard,
  )

  it('only OpenAI’s redirect URIs are accepted there, and Drawbridge says which one to add', async () => {
    expect(await add()).toMatchObject({ state: 'signed-out', signIn: { issuer: product().origin } })
    const told = await at().refusal('servers.signIn', { id: (await now()).id })
    expect(told.code).toBe('sign-in-needs-client')
    product().allowRedirect(redirectIn(told))
  })

  it('the approval page opens, and Allow lets Drawbridge in to read', async () => {
    await signIn()
    expect(product().pages()).toBe(1)
    expect([...product().entries]).toMatchObject([{ name: 'MCP — Drawbridge', scopes: ['read'] }])
  })

  it('ChatGPT gets all seven tools with their parameters, and their answers', async () => {
    await letChatGptIn()
    const range = { type: 'string', enum: ['7d', '30d', '3m', '1y'] }
    expect(await schemas()).toMatchObject({
      radarboard__get_revenue: { range },
      radarboard__get_analytics: { range },
      radarboard__get_sentry_issues: {},
      radarboard__get_health_checks: {},
      radarboard__get_vercel_deployments: {},
      radarboard__get_github_stars: {},
      radarboard__get_npm_downloads: { range: { enum: ['last-week', 'last-month', 'last-year'] } },
    })
    const revenue = await call('radarboard__get_revenue', { range: '30d' })
    expect(JSON.parse(revenue.text)).toMatchObject({ range: '30d', mrr: 1_200, subscribers: 48 })
    for (const name of [
      'get_sentry_issues',
      'get_health_checks',
      'get_vercel_deployments',
      'get_github_stars',
    ])
      expect(await call(`radarboard__${name}`), name).toMatchObject({ isError: false })
    const downloads = await call('radarboard__get_npm_downloads', { range: 'last-week' })
    expect(JSON.parse(downloads.text)).toMatchObject({ range: 'last-week', downloads: 5_000 })
    // Our own tool of that name is another one.
    expect((await call('get_revenue')).text).toContain('DEMO')
    expect(product().calls.map(({ tool }) => tool)).not.toContain('get_analytics')
  })

  it('a new secret there ends the token; signing in again asks nobody', async () => {
    product().rotateSecret()
    const refused = await call('radarboard__get_revenue')
    expect(refused.isError).toBe(true)
    expect(refused.text).toMatch(/sign in/i)
    expect(await now()).toMatchObject({ state: 'signed-out', signIn: { state: 'needed' } })
    await signIn()
    // "This only happens once": the page was not shown again.
    expect(product().pages()).toBe(1)
    expect(await call('radarboard__get_revenue')).toMatchObject({ isError: false })
  })

  it('with the record of the approval deleted, the page is shown again', async () => {
    product().approved.clear()
    await signIn()
    expect(product().pages()).toBe(2)
  })
})

describe('OpsTrails, as a server of ours', () => {
  const { product, at, now, add, signIn, letChatGptIn, call } = house('OpsTrails', startFakeOpsTrails)
  const events = async (args: object = {}) =>
    (JSON.parse((await call('opstrails__query_events', args)).text) as { title: string }[]).map(
      ({ title }) => title,
    )

  it('"a common mistake is to omit the trailing /mcp": said, and set right by changing the server', async () => {
    const short = await add(product().url.replace(/\/mcp$/, ''))
    expect(short).toMatchObject({ state: 'failed' })
    expect(short.error?.hint).toMatch(/address/i)
    const whole = { kind: 'http', name: 'OpsTrails', url: product().url, headers: {} } as const
    await at().ask('servers.edit', { id: short.id, ...whole })
    await vi.waitFor(async () => expect(await now()).toMatchObject({ state: 'signed-out' }), 10_000)
  })

  it('signing in, an organization is selected; what comes of it is a read-only key there', async () => {
    const { signIn: page } = await at().ask('servers.signIn', { id: (await now()).id })
    await expect(product().approve(page.url!)).rejects.toThrow('Select an organization.')
    await signIn({ organization: 'Acme' })
    expect([...product().entries]).toMatchObject([
      { name: 'MCP — Drawbridge', organization: 'Acme', scopes: ['read'] },
    ])
  })

  it('ChatGPT asks for events by environment, and whether the error rate changed', async () => {
    await letChatGptIn()
    expect(await events({ environment: 'production' })).toEqual(['Deployed 1.4.2', 'Error rate above 2 %'])
    expect(await events()).toHaveLength(3)
    const metric = JSON.parse((await call('opstrails__get_metric')).text)
    expect(metric).toEqual({ metric: 'error rate', before: 0.004, after: 0.023 })
  })

  it('the key deleted there, access ends; authorized again, another organization can be selected', async () => {
    product().entries.clear()
    expect(await call('opstrails__query_events')).toMatchObject({ isError: true })
    expect(await now()).toMatchObject({ state: 'signed-out' })
    await signIn({ organization: 'Other' })
    expect(await events()).toEqual(['Deployed the other one'])
  })
})

describe('GBrain, as a server of ours', () => {
  const { product, at, now, add, signIn, letChatGptIn, schemas, call } = house<FakeGBrain>(
    'GBrain',
    startFakeGBrain,
  )
  let redirect: string
  const registered = async (client: { scopes: string[]; grants?: string[]; redirects?: string[] }) => {
    const { id } = await now()
    const clientId = product().register({ name: 'drawbridge', redirects: [redirect], ...client })
    const whole = { kind: 'http', name: 'GBrain', url: product().url, headers: {} } as const
    await at().ask('servers.edit', { id, ...whole, oauth: { clientId, scopes: client.scopes } })
    await vi.waitFor(async () => expect(await now()).toMatchObject({ state: 'signed-out' }), 10_000)
    return id
  }

  it('nobody registers there by themselves, and Drawbridge says what to register', async () => {
    expect(await add()).toMatchObject({ state: 'signed-out', signIn: { issuer: product().origin } })
    const told = await at().refusal('servers.signIn', { id: (await now()).id })
    expect(told.code).toBe('sign-in-needs-client')
    redirect = redirectIn(told)
  })

  it('with the client id from its admin page, Drawbridge signs in without a secret', async () => {
    await registered({ scopes: ['read', 'write'] })
    await signIn()
    expect([...product().entries]).toMatchObject([{ scopes: ['read', 'write'] }])
  })

  it('ChatGPT searches the brain and writes to it', async () => {
    await letChatGptIn()
    expect((await call('gbrain__search')).text).toContain('The ferry leaves at nine.')
    expect(await call('gbrain__put_page')).toMatchObject({ isError: false })
    expect(product().calls.map(({ tool }) => tool)).toEqual(['search', 'put_page'])
  })

  it('its four local operations are refused over HTTP, and its words reach ChatGPT', async () => {
    for (const name of ['sync_brain', 'file_upload', 'file_list', 'file_url']) {
      expect(Object.keys(await schemas())).toContain(`gbrain__${name}`)
      const refused = await call(`gbrain__${name}`)
      expect(refused).toMatchObject({
        isError: true,
        text: expect.stringContaining('not available over HTTP'),
      })
    }
  })

  it('registered for reading only, writing is refused there on every call', async () => {
    await registered({ scopes: ['read'] })
    await signIn()
    expect(await call('gbrain__search')).toMatchObject({ isError: false })
    expect(await call('gbrain__put_page')).toMatchObject({
      ...{ isError: true, text: expect.stringContaining('insufficient_scope') },
    })
  })

  it('"unsupported grant_type": a client of the wrong kind is told by that name', async () => {
    const id = await registered({ scopes: ['read'], grants: ['client_credentials'] })
    const { signIn: page } = await at().ask('servers.signIn', { id })
    await product().approve(page.url!)
    expect((await now()).signIn.problem?.message).toContain('unsupported_grant_type')
  })

  it('"invalid redirect_uri": it must match exactly, and its page says so', async () => {
    const id = await registered({ scopes: ['read'], redirects: [`${redirect}/`] })
    const { signIn: page } = await at().ask('servers.signIn', { id })
    await expect(product().approve(page.url!)).rejects.toThrow('invalid_redirect_uri')
  })
})
