import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { closeAll, exchange, type SetUp, setUp, sourceOf, stdio, textOf, until } from '../testing/setup.ts'

const restless = join(import.meta.dirname, '../testing/fixture-restless.mjs')
let at: SetUp
beforeEach(() => {
  at = setUp({ call: 5_000 })
})
afterEach(closeAll)
const add = (count: number, size: number, every: number) =>
  at.servers.add(stdio('Restless', [restless, String(count), String(size), String(every)]))
const source = () => sourceOf(at.servers, 'restless')

describe('the lists of a server', () => {
  it('are taken up to 2 MB, and it is said that there was more', async () => {
    const server = await add(1_000, 5_000, 0)
    expect(server).toMatchObject({ state: 'running', truncatedLists: ['tools'] })
    expect(server.tools).toBeGreaterThan(350)
    expect(server.tools).toBeLessThan(400)
    expect(JSON.stringify(source().tools()).length).toBeLessThan(2_010_000)
  })

  it('leave out one entry that is too large', async () => {
    expect(await add(3, 300_000, 0)).toMatchObject({ tools: 0, truncatedLists: ['tools'] })
  })

  it.each(['null', '{}', '{"a":null}'])('that becomes %s is told of with what was in it', async (empty) => {
    const program = `
      const answers = { initialize: '{"protocolVersion":"2025-11-25","capabilities":{"tools":{"listChanged":true},"prompts":{}},"serverInfo":{"name":"a","version":"1"}}' }
      let asked = 0
      require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
        const { id, method } = JSON.parse(line)
        if (id === undefined) return
        const tools = (asked += method === 'tools/list') > 1 ? '${empty}' : '[{"name":"one","inputSchema":{}},{"name":"two","inputSchema":{}}]'
        const result = answers[method] ?? (method === 'prompts/list' ? '{"prompts":${empty}}' : '{"tools":' + tools + '}')
        console.log('{"jsonrpc":"2.0","id":' + JSON.stringify(id) + ',"result":' + result + '}')
        if (method === 'tools/list' && asked < 5)
          setTimeout(() => console.log('{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}'), 200)
      })`
    const server = await at.servers.add(stdio('Emptied', ['-e', program]))
    expect(server).toMatchObject({ tools: 2, prompts: 0, leftOut: [] })
    await until(() => at.servers.list()[0]!.tools === 0)
    const told = [
      {
        kind: 'list',
        name: 'tools',
        why: 'in the server’s answer there is nothing where the list was; it had 2 before',
      },
    ]
    expect(at.servers.list()[0]!.leftOut).toEqual(told)
    // And still once it was asked again.
    await sleep(1_500)
    expect(at.servers.list()[0]).toMatchObject({ state: 'running', leftOut: told })
  })

  it('are said to be others also when the server ends before the rest of them came', async () => {
    // In its second life it has other tools, and ends once they were asked for.
    const program = `
      const { existsSync, appendFileSync, readFileSync } = require('node:fs')
      const lives = process.argv[1]
      appendFileSync(lives, 'x')
      const life = readFileSync(lives).length
      const answers = { initialize: '{"protocolVersion":"2025-11-25","capabilities":{"tools":{},"resources":{}},"serverInfo":{"name":"a","version":"1"}}' }
      require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
        const { id, method } = JSON.parse(line)
        if (id === undefined) return
        if (life === 2 && method === 'resources/list') return void setTimeout(() => process.exit(1), 100)
        const lists = '{"tools":[{"name":"' + (life === 1 ? 'old' : 'new') + '","inputSchema":{}}],"resources":[],"resourceTemplates":[]}'
        console.log('{"jsonrpc":"2.0","id":' + JSON.stringify(id) + ',"result":' + (answers[method] ?? lists) + '}')
      })`
    const server = await at.servers.add(stdio('Ending', ['-e', program, join(at.dir, 'lives')]))
    const names = () =>
      sourceOf(at.servers, 'ending')
        .tools()
        .map(({ name }) => name)
    expect(names()).toEqual(['old'])
    let known: string[] = []
    at.servers.events.on('lists.changed', () => {
      known = names()
    })
    await at.servers.restart(server.id).catch(() => {})
    await until(() => at.servers.list()[0]!.state === 'failed')
    await at.servers.restart(server.id)
    await until(() => at.servers.list()[0]!.state === 'running' && names()[0] === 'new')
    expect(known).toEqual(['new'])
  })

  it('keep the objects of what stays the same, so that it is not looked at again', async () => {
    expect(await add(300, 100, 300)).toMatchObject({ tools: 300, truncatedLists: [] })
    const before = source().tools()
    await until(() => source().tools() !== before)
    const after = source().tools()
    expect(after[0]).not.toBe(before[0])
    for (const [index, tool] of before.entries()) if (index > 0) expect(after[index]).toBe(tool)
  })

  it.each([
    ['small', 5, 100, 6],
    ['large', 500, 1_000, 6],
  ])(
    'that change ten times a second are asked for less and less often: %s',
    async (_size, count, size, most) => {
      await add(count, size, 100)
      await sleep(9_000)
      const asked = Number(textOf(await source().call('tool_0', {}, exchange())))
      expect(asked).toBeGreaterThanOrEqual(3)
      expect(asked).toBeLessThanOrEqual(most)
    },
  )
})
