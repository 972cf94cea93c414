import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Assistant } from '../../fixtures/assistant.ts'
import { type InProcess, startInProcess } from '../../fixtures/in-process.ts'
import { callTool, chatgpt, isShutOut, json, rpc, toolNames } from './guide.ts'

/**
 * OpsTrails' guide "ChatGPT", followed with Drawbridge in its place. An organization there is a workspace here.
 * The timeline itself is in `opstrails-timeline.test.ts`.
 */
describe('OpsTrails', () => {
  let at: InProcess
  let mcpUrl: string
  let assistant: Assistant
  let key: string
  beforeAll(async () => {
    at = await startInProcess({ tunnel: true, notes: true })
    const sources = new Set((await at.ask('tools.list')).map((tool) => tool.sourceId))
    await at.ask('workspaces.create', { name: 'acme', title: 'Acme', sources: [...sources] })
    await at.ask('workspaces.create', { name: 'other', title: 'Other', sources: ['github'] })
    // Adapted: /api/mcp/mcp there.
    mcpUrl = `${at.public}/mcp/acme`
    key = (await at.ask('keys.create', { name: 'CI', workspace: 'acme', access: 'look' })).token
  })
  afterAll(() => at?.stop())

  const readOnly = { expects: 'chatgpt', access: 'look' } as const
  const step = async (id: string) => {
    const { steps } = await at.ask('connect.flow', { client: 'chatgpt' })
    return steps.find((one) => one.id === id)!
  }

  it('step 1 and troubleshooting: where developer mode was, and which plans have it', async () => {
    const { text } = await step('paste')
    expect(text).toContain('Settings → Apps & Connectors → Advanced settings')
    // OpenAI's pages contradict one another, and that is what is said.
    expect(text).toMatch(
      /Plans: OpenAI’s own pages disagree\..*Business, Enterprise and Edu.*Pro.*Free plans/,
    )
  })

  it('step 2: the address must be typed whole', async () => {
    for (const wrong of [`${at.public}/`, `${at.public}/mcp/acm`, `${mcpUrl}/`])
      expect((await at.fetch(wrong, { method: 'POST', body: '{}' })).status, wrong).toBe(404)
    const right = await at.fetch(mcpUrl, { method: 'POST', body: '{}' })
    expect(right.status).toBe(401)
    // What is typed is what the server says it is.
    const named = /resource_metadata="([^"]+)"/.exec(right.headers.get('www-authenticate') ?? '')?.[1]
    expect(await json(await at.fetch(named!))).toMatchObject({ resource: mcpUrl })
  })

  it('step 3: the owner sees which organization is asked for, and approves reading', async () => {
    // Adapted: the organization is chosen by the address, and shown when approving.
    const browser = await at.letIn({
      ...readOnly,
      seen: (request) => expect(request).toMatchObject({ clientName: 'ChatGPT', workspace: 'acme' }),
    })
    // No key is typed anywhere.
    assistant = await chatgpt(at, mcpUrl, browser)
  })

  it('behind the scenes: each step is shown as it happens', async () => {
    const { steps } = await at.ask('connect.flow', { client: 'chatgpt' })
    const done = steps.filter(({ state }) => state === 'done').map(({ id }) => id)
    expect(done).toEqual(['address', 'paste', 'found', 'registered', 'approve', 'token'])
  })

  it('troubleshooting: tools that are never asked for are told of, with what to do there', async () => {
    at.moveTo(61_000)
    const { problem } = await step('look')
    at.moveTo(0)
    expect(problem).toMatchObject({ code: 'no-tools-list' })
    expect(problem?.hint).toMatch(
      /start a new chat.*your plan.*removing Drawbridge there and adding it again/,
    )
  })

  it('step 4 and its warning: the question names Drawbridge', async () => {
    const { copy, text } = await step('call')
    expect(copy?.value).toMatch(/^Use Drawbridge to/)
    expect(text).toContain('Name Drawbridge in your questions')
  })

  it('troubleshooting: where to look that it is active there', async () => {
    expect((await step('call')).text).toMatch(
      /To see that it is active: .*chatgpt\.com\/plugins.*@ offers it/,
    )
  })

  it('step 4: ChatGPT asks', async () => {
    expect(await toolNames(assistant)).toContain('notes__read_notes')
    const answer = await callTool(assistant, 'notes__read_notes')
    expect(answer.body.result?.content?.[0]?.text).toBe('first')
  })

  it('the connection shows as a read-only entry beside the keys made by hand', async () => {
    expect(await at.ask('grants.list')).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          name: 'MCP — ChatGPT',
          kind: 'client',
          access: 'look',
          workspace: 'acme',
          lastOrigin: at.public,
          callsToday: 1,
        }),
        expect.objectContaining({ name: 'CI', kind: 'key' }),
      ]),
    )
    expect(await at.ask('activity.list', {})).toMatchObject([
      { clientName: 'MCP — ChatGPT', tool: 'notes__read_notes', outcome: 'answered' },
    ])
  })

  it('it can neither create nor modify', async () => {
    expect(await toolNames(assistant)).not.toContain('notes__add_note')
    const change = await callTool(assistant, 'notes__add_note', { text: 'changed' })
    expect(change.body.result?.isError).toBe(true)
    const after = await callTool(assistant, 'notes__read_notes')
    expect(after.body.result?.content?.[0]?.text).toBe('first')
  })

  it('permission denied: it has no way into another organization', async () => {
    for (const elsewhere of [`${at.public}/mcp/other`, `${at.public}/mcp`]) {
      const answer = await at.fetch(elsewhere, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${assistant.tokens.access}`,
        },
        body: '{"jsonrpc":"2.0","id":1,"method":"tools/list"}',
      })
      expect(answer.status, elsewhere).toBe(401)
    }
  })

  it('deleting the entry “MCP — ChatGPT” ends its access, and nobody else’s', async () => {
    const { id } = await at.grantOf('MCP — ChatGPT')
    await at.ask('grants.revoke', { id })
    await isShutOut(assistant)
    expect((await rpc(assistant, 'tools/list', {}, key)).status).toBe(200)
  })

  it('permission denied: removed and added again in ChatGPT, it is authorized anew', async () => {
    assistant = await chatgpt(at, mcpUrl, await at.letIn(readOnly))
    expect(await toolNames(assistant)).toContain('notes__read_notes')
    expect(await at.grantOf('MCP — ChatGPT')).toMatchObject({ access: 'look', workspace: 'acme' })
  })
})
