import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Offer } from '../../contract/tools.ts'
import { createHost } from '../create-host.ts'
import type { Host } from '../host.ts'
import { connectedUri } from './own-source.ts'

/** Our prompts and our resource through the whole host, as an outside client finds them. */
const dataDir = mkdtempSync(join(tmpdir(), 'drawbridge-offers-'))
const clients: Client[] = []
let host: Host

beforeAll(async () => {
  host = await createHost({
    ...{ dataDir, shell: 'headless', version: '0.0.0-test', tunnelHost: 'http://127.0.0.1:9' },
    env: { ...process.env, DRAWBRIDGE_VAULT: 'file' },
  })
  await say('workspaces.create', { name: 'shop', title: 'Shop', sources: ['revenue'] })
})
afterAll(async () => {
  for (const client of clients) await client.close()
  await host.stop()
  rmSync(dataDir, { recursive: true, force: true })
})

async function say<T>(name: string, input?: unknown): Promise<T> {
  const reply = await host.dispatch(name, input)
  if (!reply.ok) throw Object.assign(new Error(`${name}: ${JSON.stringify(reply.error)}`), reply.error)
  return reply.value as T
}

let made = 0
async function connect(era: 'legacy' | 'modern', key: object = {}, path = ''): Promise<Client> {
  made += 1
  const { token } = await say<{ token: string }>('keys.create', {
    name: `key ${made}`,
    access: 'look',
    ...key,
  })
  const mode = era === 'modern' ? { pin: '2026-07-28' } : ('legacy' as const)
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } })
  const requestInit = { headers: { Authorization: `Bearer ${token}` } }
  await client.connect(new StreamableHTTPClientTransport(new URL(`${host.mcpUrl}${path}`), { requestInit }))
  clients.push(client)
  return client
}

const names = ['morning_brief', 'weekly_review', 'what_changed_since_deploy']
const textOf = async (client: Client, name: string, args: Record<string, string> = {}) => {
  const { messages } = await client.getPrompt({ name, arguments: args })
  return messages.map(({ content }) => (content.type === 'text' ? content.text : '')).join('\n')
}
const connectedTo = async (client: Client) => {
  const { contents } = await client.readResource({ uri: connectedUri })
  return JSON.parse((contents[0] as { text: string }).text) as {
    access: string
    workspace: string
    sources: { name: string; tools: { name: string }[] }[]
  }
}
const toolsIn = async (client: Client) =>
  (await connectedTo(client)).sources.flatMap(({ tools }) => tools.map(({ name }) => name)).sort()

describe.each(['legacy', 'modern'] as const)('Orgonaut: prompts and resources, in the era %s', (era) => {
  it('are listed and had', async () => {
    const client = await connect(era)
    const { prompts } = await client.listPrompts()
    expect(prompts.map(({ name }) => name)).toEqual(names)
    expect(prompts.every(({ title, description }) => title && description)).toBe(true)
    const { resources } = await client.listResources()
    expect(resources.map(({ uri }) => uri)).toEqual([connectedUri])
    const brief = await textOf(client, 'morning_brief')
    expect(brief).toContain('get_health_checks')
    expect(brief).toContain('DEMO')
    expect(
      await textOf(client, 'what_changed_since_deploy', { environment: 'staging', version: '1.4' }),
    ).toMatch(/deployment “1\.4” in staging/)
    expect((await connectedTo(client)).access).toBe('look')
    await expect(client.getPrompt({ name: 'nothing' })).rejects.toThrow()
    await expect(client.readResource({ uri: 'connected://other' })).rejects.toThrow()
  })

  it('say nothing of what is not in the workspace, the grant or the scopes', async () => {
    const shop = await connect(era, { workspace: 'shop' }, '/shop')
    expect((await shop.listPrompts()).prompts.map(({ name }) => name)).toEqual(names)
    expect(await toolsIn(shop)).toEqual(['get_revenue'])
    expect(await textOf(shop, 'morning_brief')).not.toMatch(/get_health|get_sentry|recent_doc/)
    const one = await connect(era, { tools: ['get_npm_downloads'] })
    expect((await one.listPrompts()).prompts).toHaveLength(3)
    expect(await toolsIn(one)).toEqual(['get_npm_downloads'])
    expect(await textOf(one, 'morning_brief')).toContain('None of the tools')
    const narrow = await connect(era, { abilities: ['mcp.access', 'revenue.read', 'drawbridge.read'] })
    expect(await toolsIn(narrow)).toEqual(['get_revenue'])
    const narrower = await connect(era, { abilities: ['mcp.access', 'revenue.read'] })
    expect((await narrower.listTools()).tools.map(({ name }) => name)).toEqual(['get_revenue'])
    await expect(narrower.readResource({ uri: connectedUri })).rejects.toThrow()
    await expect(
      narrower.callTool({ name: 'get_npm_downloads', arguments: { package: 'x' } }),
    ).rejects.toThrow()
  })
})

it('are shown to the owner, with what they are for', async () => {
  const offers = await say<Offer[]>('tools.offers')
  expect(offers.map(({ kind, key }) => [kind, key])).toEqual([
    ...names.map((name) => ['prompt', name]),
    ['resource', connectedUri],
  ])
  expect(offers[2]).toMatchObject({ arguments: ['environment', 'version'], source: 'Drawbridge' })
  expect(offers.every(({ description }) => description.length > 20)).toBe(true)
})
