import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { connectAssistant } from '../fixtures/assistant.ts'
import { fetchFrom, type InProcess, startInProcess } from '../fixtures/in-process.ts'
import { clientAuth, clientWays } from './client-ways.ts'

/** Every client of the reference, in every form it is known to connect in: from the first knock to its list of tools. */
let at: InProcess
let two: ReturnType<typeof fetchFrom>[]
beforeAll(async () => {
  at = await startInProcess({ tunnel: true, notes: true })
  two = [fetchFrom('127.0.0.2'), fetchFrom('127.0.0.3')]
})
afterAll(async () => {
  for (const one of two ?? []) await one.close()
  await at?.stop()
})

// Every row begins with nobody let in and nobody asking.
afterEach(async () => {
  await at.ask('connect.close')
  for (const { id } of await at.ask('grants.list')) await at.ask('grants.revoke', { id })
})

const list = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }

it('has a row for each client of the reference', () => {
  expect(new Set(clientWays.map((way) => way.client))).toEqual(
    new Set([
      ...['ChatGPT', 'Claude', 'Claude Code', 'Codex', 'VS Code', 'Cursor', 'Gemini CLI', 'LM Studio'],
      ...['Zed', 'opencode'],
    ]),
  )
})

describe.each(clientWays)('$client: $how', (way) => {
  it('connects, lists its tools and refreshes from two addresses at once', async () => {
    const origin = {
      public: at.public,
      local: at.local,
      localhost: at.local.replace('127.0.0.1', 'localhost'),
    }[way.from]
    const mcpUrl = `${origin}/mcp`

    // Some look with GET first, whether there is a stream (MCP 2025-11-25, "Listening for Messages").
    const probe = await at.fetch(mcpUrl, { headers: { accept: 'text/event-stream' } })
    expect(probe.status).toBe(401)
    expect(probe.headers.get('www-authenticate')).toContain(
      `resource_metadata="${origin}/.well-known/oauth-protected-resource/mcp"`,
    )
    const metadata = await at.fetch(`${origin}/.well-known/oauth-authorization-server`)
    expect(await metadata.json()).toMatchObject({ issuer: origin, ...way.reliesOn })

    const { registration } = way
    const given = typeof registration === 'function' ? await registration(at) : registration
    const secret = 'secret' in given ? (given.secret as string | undefined) : undefined
    expect(secret === undefined, 'a secret when it was to have one').toBe(way.withSecret === undefined)
    const kind = given.kind === 'by-hand' ? 'manual' : given.kind
    const browser = await at.letIn({
      expects: way.expects,
      seen: (request) =>
        expect(request).toMatchObject({
          registration: kind,
          workspace: 'default',
          needsDigits: true,
          returning: false,
          ...way.seen,
        }),
    })
    const assistant = await connectAssistant(mcpUrl, given, browser, at.fetch, {
      clientAuth: clientAuth(secret, way.withSecret),
      ...way.manner,
    })
    // A narrower scope was asked for by those who name one; nobody gets less than the base.
    expect(assistant.tokens.scope.split(' ')).toContain('mcp:use')

    const stream = await at.fetch(mcpUrl, { headers: { authorization: `Bearer ${assistant.tokens.access}` } })
    expect(stream.status, 'no stream without a session').toBe(405)
    const mcp = await assistant.mcp(way.era)
    const { tools } = await mcp.listTools()
    const names = tools.map((tool) => tool.name)
    expect(names).toEqual(
      expect.arrayContaining(['get_github_stars', 'get_npm_downloads', 'notes__add_note']),
    )
    expect(names.length).toBeLessThanOrEqual(128)
    for (const name of names) expect(name).toMatch(/^[a-zA-Z0-9_-]{1,64}$/)
    await mcp.close()

    const got = await Promise.all(two.map(({ fetch }) => assistant.refresh(fetch)))
    for (const { access } of got) expect((await assistant.post(list, access)).status).toBe(200)
    // Whichever of the answers it kept, it stays connected.
    for (const { refresh } of got) {
      assistant.tokens.refresh = refresh
      const next = await assistant.refresh()
      expect((await assistant.post(list, next.access)).status).toBe(200)
    }

    const grants = await at.ask('grants.list')
    expect(grants).toMatchObject([{ kind: 'client', clientId: assistant.clientId, lastOrigin: origin }])
    await at.ask('grants.revoke', { id: grants[0]!.id })
    expect((await assistant.post(list)).status).toBe(401)
    await expect(assistant.refresh()).rejects.toMatchObject({ error: 'invalid_grant' })
  })
})
