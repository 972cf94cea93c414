import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Assistant } from '../../fixtures/assistant.ts'
import { type InProcess, startInProcess } from '../../fixtures/in-process.ts'
import { callTool, chatgpt, rpc, toolNames } from './guide.ts'

/** OpsTrails' guide: the questions that it says to ask, about events that were sent, and what to do when there are none. */
describe('OpsTrails', () => {
  let at: InProcess
  let assistant: Assistant
  beforeAll(async () => {
    at = await startInProcess({ tunnel: true })
    await at.ask('workspaces.create', { name: 'acme', title: 'Acme', sources: ['timeline'] })
    await at.ask('workspaces.create', { name: 'other', title: 'Other', sources: ['npm'] })
  })
  afterAll(() => at?.stop())

  const hour = 3_600_000
  const event = (id: string, hoursAgo: number, more: object = {}) => ({
    ...{ specversion: '1.0', id, source: 'ci', type: 'com.example.deployment', title: `Deployed ${id}` },
    ...{ time: new Date(Date.now() - hoursAgo * hour).toISOString(), environment: 'production', ...more },
  })
  const ask = async (tool: string, args: object = {}) => {
    const { body } = await callTool(assistant, tool, args)
    expect(body.result?.isError ?? false, JSON.stringify(body)).toBe(false)
    // biome-ignore lint/suspicious/noExplicitAny: each tool has its own answer
    return { values: body.result?.structuredContent as any, text: body.result?.content?.[0]?.text ?? '' }
  }
  const titles = (events: { title: string }[]) => events.map(({ title }) => title)

  it('the organization is chosen at consent, where all tools were asked for', async () => {
    // Its page, once: from then on assistants have the timeline.
    await at.ask('timeline.overview')
    const choose = { expects: 'chatgpt', access: 'look', workspace: 'acme' } as const
    assistant = await chatgpt(at, `${at.public}/mcp`, await at.letIn(choose))
    expect(await at.grantOf('MCP — ChatGPT')).toMatchObject({ workspace: 'acme' })
    const names = await toolNames(assistant)
    expect(names).toContain('recent_events')
    expect(names).not.toContain('get_npm_downloads')
    expect((await callTool(assistant, 'get_npm_downloads', { package: 'x' })).body.error).toBeDefined()
  })

  it('quick start: before anything was sent there is an example, and how to send the first is said', async () => {
    const { values, text } = await ask('recent_events')
    expect(values.events).toMatchObject([{ example: true }])
    expect(text).toContain('Only an example so far')
  })

  it('troubleshooting: no events says how long they are kept, to ask more broadly, and how to send one', async () => {
    const { text } = await ask('search_events', { query: 'zebra' })
    expect(text).toMatch(/kept for 90 days.+broader question.+drawbridge event send/s)
  })

  it('sends events, and a test event', async () => {
    const events = [
      ...[event('api 1', 55), event('api 2', 3), event('shop 7', 1, { environment: 'staging' })],
      event('api 3', 0.5, { version: '3.0' }),
      ...Array.from({ length: 12 }, (_, n) =>
        event(`m${n}`, n / 12, {
          type: 'com.example.metric',
          metric: 'error_rate',
          value: n < 6 ? 0.3 : 0.02,
        }),
      ),
    ]
    expect((await at.ask('timeline.send', { events })).events.every(({ isNew }) => isNew)).toBe(true)
  })

  it('query: what was deployed in the last two hours, by environment, and everything', async () => {
    const lately = await ask('recent_events', { since: '2h', kind: 'deployment' })
    expect(titles(lately.values.events)).toEqual(['Deployed api 3', 'Deployed shop 7'])
    const production = await ask('recent_events', { environment: 'production' })
    expect(titles(production.values.events)).toEqual(['Deployed api 3', 'Deployed api 2', 'Deployed api 1'])
    expect((await ask('recent_events')).values.events).toHaveLength(4)
    expect((await ask('search_events', { query: 'shop' })).values.events).toHaveLength(1)
    const today = new Date()
    today.setHours(0, 0, 0, 0)
    const { values } = await ask('recent_events', { since: 'today', kind: 'deployment' })
    expect(values.events.every(({ time }: { time: string }) => Date.parse(time) >= today.getTime())).toBe(
      true,
    )
  })

  it('metric lookup: the error rate before and after the last deployment', async () => {
    const { values } = await ask('recent_events', { kind: 'deployment', limit: 1 })
    const { id } = values.events[0]
    const compared = await ask('compare_before_after', { id, metric: 'error_rate', minutes: 30 })
    expect(compared.values.metric.changePercent).toBeGreaterThan(500)
    const changed = await ask('what_changed', { since: '2h' })
    expect(changed.values.numbers[0]).toMatchObject({ name: 'error_rate', source: 'own programs' })
    expect(changed.text).toContain('Not known: ')
  })

  it('retention: seven days, ninety, or another number', async () => {
    expect((await ask('event_stats')).values.events).toBe(16)
    await at.ask('preferences.set', { timelineDays: 1 })
    expect(titles((await ask('recent_events')).values.events)).not.toContain('Deployed api 1')
    await at.ask('preferences.set', { timelineDays: 90 })
  })

  it('reference: tools and prompts with what they are for, and questions that fit', async () => {
    const { body } = await rpc(assistant, 'tools/list')
    const tools = body.result!.tools as { name: string; description?: string }[]
    for (const { name, description } of tools) expect(description?.length, name).toBeGreaterThan(40)
    const offers = await at.ask('tools.offers')
    expect(offers.map(({ key }) => key)).toEqual(
      expect.arrayContaining(['morning_brief', 'weekly_review', 'what_changed_since_deploy']),
    )
  })

  it('cannot create or modify an event', async () => {
    const before = (await at.ask('timeline.overview')).total
    for (const tool of ['timeline.send', 'event_send', 'send_event'])
      expect((await callTool(assistant, tool, { events: [event('x', 0)] })).body.error).toBeDefined()
    expect((await at.ask('timeline.overview')).total).toBe(before)
  })
})
