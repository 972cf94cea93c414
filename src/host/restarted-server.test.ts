import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Server } from '../contract/servers.ts'
import type { Tool } from '../contract/tools.ts'
import { createHost } from './create-host.ts'
import type { Host } from './host.ts'

/** Offers as many tools as a file says, and says nothing when they are others. */
const program = `
const { readFileSync } = require('node:fs')
const tools = () => Array.from({ length: Number(readFileSync(process.argv[1], 'utf8')) }, (_, at) => (
  { name: 't' + at, description: 'Says what the weather is. '.repeat(20), inputSchema: { type: 'object' } }))
require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method } = JSON.parse(line)
  if (id === undefined) return
  const result = method === 'initialize'
    ? { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'r', version: '1' } }
    : method === 'tools/list' ? { tools: tools() } : {}
  process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, result }) + '\\n')
})`
const many = 2_000

let dataDir: string
let host: Host
beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'drawbridge-restarted-'))
  host = await createHost({
    ...{ dataDir, shell: 'headless', version: '0.0.0-test', tunnelHost: 'http://127.0.0.1:9' },
    env: { ...process.env, DRAWBRIDGE_VAULT: 'file' },
  })
})
afterAll(async () => {
  await host.stop()
  rmSync(dataDir, { recursive: true, force: true })
})

async function ask<T>(name: string, input?: unknown): Promise<T> {
  const reply = await host.dispatch(name, input)
  if (!reply.ok) throw new Error(JSON.stringify(reply.error))
  return reply.value as T
}

it.each(['servers.restart', 'servers.start'])(
  'once %s has answered, what the server lists now is offered, however much it is',
  async (command) => {
    const file = join(dataDir, `${command}.txt`)
    writeFileSync(file, '1')
    const { id, slug } = await ask<Server>('servers.add', {
      ...{ kind: 'stdio', name: command, command: process.execPath, args: ['-e', program, file] },
    })
    writeFileSync(file, String(many))
    if (command === 'servers.start') await ask('servers.stop', { id })
    const { tools, state } = await ask<Server>(command, { id })
    expect([state, tools]).toEqual(['running', many])
    const shown = await ask<Tool[]>('tools.list')
    expect(shown.filter((tool) => tool.id.startsWith(`${slug}__`))).toHaveLength(many)
  },
)
