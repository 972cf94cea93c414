/** What is remembered of servers and their tools, over restarts, and what a removed server leaves: the whole host with real servers. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Grant } from '../contract/access.ts'
import type { Server } from '../contract/servers.ts'
import type { Status } from '../contract/status.ts'
import type { Tool } from '../contract/tools.ts'
import type { Workspace } from '../contract/workspaces.ts'
import { createHost } from './create-host.ts'
import type { Host } from './host.ts'

/** Reads what it offers from a file, and says when that has changed. */
const source = `
const { readFileSync, watchFile } = require('node:fs')
const file = process.argv[1]
const offers = () => JSON.parse(readFileSync(file, 'utf8'))
const say = (message) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...message }) + '\\n')
watchFile(file, { interval: 40 }, () => say({ method: 'notifications/tools/list_changed' }))
require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line)
  if (id === undefined) return
  const answers = {
    initialize: () => ({ protocolVersion: '2025-11-25', capabilities: { tools: { listChanged: true }, prompts: {}, resources: {} }, serverInfo: { name: 'x', version: '1' } }),
    ping: () => ({}),
    'tools/list': () => ({ tools: offers().tools }),
    'prompts/list': () => ({ prompts: offers().prompts ?? [] }),
    'resources/list': () => ({ resources: offers().resources ?? [] }),
    'resources/templates/list': () => ({ resourceTemplates: [] }),
    'tools/call': () => ({ content: [{ type: 'text', text: params.name }] }),
    'prompts/get': () => ({ messages: [{ role: 'user', content: { type: 'text', text: params.name } }] }),
  }
  say(answers[method] ? { id, result: answers[method]() } : { id, error: { code: -32601, message: 'no' } })
})`

let dataDir: string
let host: Host
let token = ''
const open = async () => {
  host = await createHost({
    ...{ dataDir, shell: 'headless', version: '0.0.0-test', tunnelHost: 'http://127.0.0.1:9' },
    ...{ env: { ...process.env, DRAWBRIDGE_VAULT: 'file' }, approvalWaitMs: 200 },
  })
}
const restart = async () => {
  await host.stop()
  await open()
}
beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'drawbridge-known-'))
  await open()
})
afterEach(async () => {
  await host.stop()
  rmSync(dataDir, { recursive: true, force: true })
})

async function say<T>(name: string, input?: unknown): Promise<T> {
  const reply = await host.dispatch(name, input)
  if (!reply.ok) throw Object.assign(new Error(`${name}: ${JSON.stringify(reply.error)}`), reply.error)
  return reply.value as T
}
const tool = (name: string, annotations: object = { readOnlyHint: true }) => ({
  ...{ name, annotations, inputSchema: { type: 'object' } },
})
const offer = (name: string, offers: { tools: object[]; prompts?: object[]; resources?: object[] }) =>
  writeFileSync(join(dataDir, `${name}.json`), JSON.stringify(offers))
const add = (name: string) =>
  say<Server>('servers.add', {
    ...{
      kind: 'stdio',
      name,
      command: process.execPath,
      args: ['-e', source, join(dataDir, `${name}.json`)],
    },
  })
const newKey = async (more: object = {}) => {
  const name = `key ${Math.random()}`.replace('0.', '')
  token = (await say<{ token: string }>('keys.create', { name, access: 'everything', ...more })).token
}
async function mcp(method: string, params: object = {}) {
  const answer = await fetch(host.mcpUrl, {
    method: 'POST',
    headers: {
      ...{ authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  })
  return JSON.parse((await answer.text()) || '{}')
}
const listed = async () =>
  ((await mcp('tools/list')).result.tools as { name: string }[])
    .map(({ name }) => name)
    .filter((name) => name.includes('__'))
const tools = async () =>
  (await say<Tool[]>('tools.list')).filter(({ sourceKind }) => sourceKind === 'server')
/** Id by own name. */
const ids = async () => Object.fromEntries((await tools()).map(({ original, id }) => [original, id]))
const called = async (name: string) => (await mcp('tools/call', { name })).result?.content[0].text
const database = <T>(read: (db: DatabaseSync) => T): T => {
  const db = new DatabaseSync(join(dataDir, 'drawbridge.db'))
  try {
    return read(db)
  } finally {
    db.close()
  }
}

describe('over a restart', () => {
  it('ids stay with their tools, whatever comes in between', async () => {
    offer('a', { tools: [tool('x.y')] })
    await add('a')
    await newKey({ tools: ['a__x_y'] })
    await say('tools.set', { id: 'a__x_y', enabled: false })
    offer('a', { tools: [tool('x.y'), tool('x_y')] })
    await expect.poll(async () => (await tools()).length).toBe(2)
    const before = await ids()
    expect(before['x.y']).toBe('a__x_y')
    await restart()
    expect(await ids()).toEqual(before)
    expect((await tools()).map(({ original, enabled }) => [original, enabled])).toContainEqual(['x.y', false])
    // Neither the one that is off nor the one that waits.
    expect(await listed()).toEqual([])
    offer('a', { tools: [tool('x_y')] })
    await expect.poll(async () => (await tools()).length).toBe(1)
    await restart()
    expect(await ids()).toEqual({ x_y: before.x_y })
  })

  it('so do the names of prompts and of tools that go by their own', async () => {
    offer('a', { tools: [tool('seek')], prompts: [{ name: 'sum up' }] })
    offer('b', { tools: [tool('find')], prompts: [] })
    const [a, b] = [await add('a'), await add('b')]
    for (const { id } of [a, b]) await say('servers.update', { id, prefixed: false })
    await newKey()
    // The earlier server gets what the later one has.
    offer('a', { tools: [tool('seek'), tool('find')], prompts: [{ name: 'sum up' }, { name: 'sum_up' }] })
    await expect.poll(async () => (await tools()).length).toBe(3)
    const waiting = (await tools()).find(({ review }) => review)!
    await say('tools.accept', { tools: [{ id: waiting.id, seen: waiting.review!.seen }] })
    await say('servers.restart', { id: a.id })
    const shown = async () => (await tools()).map(({ id, name }) => `${id} ${name}`).sort()
    const prompted = async () =>
      (await mcp('prompts/get', { name: 'sum_up' })).result?.messages[0].content.text
    const before = [await shown(), await prompted()]
    expect(before).toEqual([['a__find a__find', 'a__seek seek', 'b__find find'], 'sum up'])
    await restart()
    expect([await shown(), await prompted()]).toEqual(before)
  })

  it('what waits goes on waiting, and what was said once is still known', async () => {
    offer('a', { tools: [tool('wipe', { destructiveHint: true })] })
    await add('a')
    await newKey({ access: 'look' })
    offer('a', { tools: [tool('wipe'), tool('new')] })
    await expect.poll(async () => (await tools()).length).toBe(2)
    await restart()
    expect(await tools()).toMatchObject([
      { id: 'a__new', review: { why: 'new' } },
      { id: 'a__wipe', risk: 'destructive', review: { why: 'changed', risk: 'read' } },
    ])
    expect((await say<Status>('status.get')).waiting.tools).toBe(2)
    expect(await listed()).toEqual([])
    const wanted = (await tools()).map(({ id, review }) => ({ id, seen: review!.seen }))
    expect(await say('tools.accept', { tools: wanted })).toMatchObject([{ review: null }, { review: null }])
    await expect.poll(async () => (await say<Status>('status.get')).waiting.tools).toBe(0)
    await restart()
    expect(await listed()).toEqual(['a__new', 'a__wipe'])
  })

  it('a new tool that was left off is off, and can be switched on', async () => {
    offer('a', { tools: [tool('old')] })
    await add('a')
    await newKey()
    offer('a', { tools: [tool('old'), tool('new')] })
    await expect.poll(async () => (await tools()).length).toBe(2)
    // Switching it on is not looking at it.
    await say('tools.set', { id: 'a__new', enabled: true })
    expect(await listed()).toEqual(['a__old'])
    await say('tools.set', { id: 'a__new', enabled: false })
    await restart()
    expect(await tools()).toMatchObject([{ id: 'a__new', enabled: false, review: null }, {}])
    await say('tools.set', { id: 'a__new', enabled: true })
    expect(await listed()).toEqual(['a__new', 'a__old'])
  })

  it('a server that becomes another program is still the one that was seen', async () => {
    offer('a', { tools: [tool('old')] })
    offer('b', { tools: [tool('old'), tool('sly')] })
    const { id } = await add('a')
    const args = ['-e', source, join(dataDir, 'b.json')]
    await say('servers.edit', { id, kind: 'stdio', name: 'a', command: process.execPath, args, env: {} })
    await newKey()
    await expect.poll(async () => (await tools()).length).toBe(2)
    expect(await listed()).toEqual(['a__old'])
  })
})

describe('a server that is removed', () => {
  /** Every text of every table that could give somebody something; what only tells of the past is left out. */
  const mentions = (word: string) =>
    database((db) => {
      const found: string[] = []
      for (const { name } of db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()) {
        if (['calls', 'approvals'].includes(String(name)) || String(name).startsWith('sqlite_')) continue
        for (const row of db.prepare(`SELECT * FROM "${name}"`).all())
          if (JSON.stringify(row).includes(word)) found.push(`${name}: ${JSON.stringify(row)}`)
      }
      return found
    })

  it('leaves nothing to one that is added under its name', async () => {
    offer('files', {
      tools: [tool('read'), tool('x.y'), tool('n'.repeat(80))],
      resources: [{ uri: 'f://1', name: '1' }],
    })
    offer('other', { tools: [tool('read')], resources: [{ uri: 'f://1', name: '1' }] })
    await add('other')
    const first = await add('files')
    const before = await ids()
    await newKey({ tools: [...Object.values(before)] })
    await say('workspaces.create', { name: 'w', title: 'W', sources: ['files', 'other'] })
    await say('tools.set', { id: before['x.y'], alias: 'mine' })
    await say('tools.set', { id: 'files__read', enabled: false })
    await say('servers.update', { id: first.id, prefixed: false })
    await listed()
    expect(mentions('files').length).toBeGreaterThan(5)

    await say('servers.remove', { id: first.id })
    expect(mentions('files__')).toEqual([])
    expect(mentions(first.id)).toEqual([])
    expect(mentions('"files')).toEqual([])
    expect(await say<Workspace[]>('workspaces.list')).toMatchObject([{}, { sources: ['other'] }])

    const again = await add('files')
    expect(again.slug).toBe('files')
    for (const then of ['at once', 'after a restart']) {
      expect(
        (await tools()).filter(({ source }) => source === 'files'),
        then,
      ).toMatchObject([
        { alias: null, enabled: true },
        { alias: null, enabled: true },
        { alias: null, enabled: true },
      ])
      expect(await listed(), then).toEqual(['other__read'])
      const answer = await mcp('tools/call', { name: 'files__read' })
      expect(answer.result._meta['drawbridge/code'], then).toBe('not-in-grant')
      expect((await say<Workspace[]>('workspaces.list'))[1]!.sources, then).toEqual(['other'])
      await restart()
    }
  })

  it('takes its tools out of a grant, and a grant without tools is not one with all', async () => {
    offer('files', { tools: [tool('read')] })
    const { id } = await add('files')
    await newKey({ tools: ['files__read'] })
    await say('servers.remove', { id })
    expect(await say<Grant[]>('grants.list')).toMatchObject([{ tools: [] }])
    await add('files')
    expect(await listed()).toEqual([])
  })

  it('cannot be put into a workspace any more, for one that comes later', async () => {
    offer('files', { tools: [tool('read')] })
    const { id } = await add('files')
    await say('servers.remove', { id })
    const stale = { name: 'w', title: 'W', sources: ['files', 'npm'] }
    await expect(say('workspaces.create', stale)).rejects.toMatchObject({ code: 'source-unknown' })
    await say('workspaces.create', { ...stale, sources: ['npm'] })
    await expect(say('workspaces.update', stale)).rejects.toMatchObject({ code: 'source-unknown' })
    await add('files')
    await say('workspaces.update', stale)
  })

  it('leaves no approval', async () => {
    offer('files', { tools: [tool('write', {})] })
    const { id } = await add('files')
    await newKey({ access: 'ask' })
    const ask = async () =>
      (await mcp('tools/call', { name: 'files__write' })).result._meta?.['drawbridge/code']
    expect(await ask()).toBe('approval-pending')
    const [waiting] = await say<{ id: string }[]>('approvals.list')
    const { seen } = await say<{ seen: string }>('approvals.get', { id: waiting!.id })
    await say('approvals.decide', { id: waiting!.id, decision: 'once', seen })
    await say('servers.remove', { id })
    await add('files')
    expect(await ask()).toBe('approval-pending')
  })
})

describe('a folder of an earlier version', () => {
  it('keeps the ids that its tools have, and forgets what servers left that are gone', async () => {
    offer('a', { tools: [tool('x.y'), tool('x_y'), tool('n'.repeat(80)), tool('kept')] })
    const { id } = await add('a')
    const before = await ids()
    await newKey({ tools: [before['x.y'], before.x_y, before.kept] })
    await host.stop()
    database((db) => {
      // As the step that made these tables left them.
      db.exec('DELETE FROM known_tools; DELETE FROM known_names')
      db.exec(`UPDATE grants SET tools = json_insert(tools, '$[#]', 'gone__read')`)
      db.exec(
        `INSERT INTO tool_settings (name, enabled, alias) VALUES ('gone__read', 1, 'mine'), ('a__kept', 0, NULL)`,
      )
      db.exec(`INSERT INTO tool_settings (name, enabled, alias) VALUES ('get_npm_downloads', 0, NULL)`)
      db.exec(`INSERT INTO workspaces VALUES ('w', 'W', '["gone","a","npm"]', 1)`)
    })
    await open()
    expect(await ids()).toEqual(before)
    expect(before).toMatchObject({ 'x.y': expect.stringMatching(/^a__x_y_/), x_y: 'a__x_y', kept: 'a__kept' })
    expect((await tools()).map(({ review }) => review)).toEqual([null, null, null, null])
    expect((await say<Grant[]>('grants.list'))[0]!.tools).toEqual([before['x.y'], before.x_y, before.kept])
    expect((await say<Workspace[]>('workspaces.list'))[1]!.sources).toEqual(['a', 'npm'])
    const all = await say<Tool[]>('tools.list')
    expect(
      all
        .filter(({ enabled }) => !enabled)
        .map((one) => one.id)
        .sort(),
    ).toEqual(['a__kept', 'get_npm_downloads'])
    expect(all.some(({ alias }) => alias === 'mine')).toBe(false)
    expect((await say<Server[]>('servers.list'))[0]!.id).toBe(id)
    await expect.poll(() => called('a__x_y')).toBe('x_y')
  })
})
