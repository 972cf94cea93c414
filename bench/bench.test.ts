import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, describe, expect, it } from 'vitest'
import { createHostClient } from '../src/cli/host-client.ts'
import { checkEcho, messageWithId } from './clients/client.ts'
import { createLane } from './clients/lane.ts'
import { closedLoad, summary } from './measure/load.ts'
import { treeUsage } from './measure/process-tree.ts'
import { createSamples, roundOf } from './measure/samples.ts'
import { timedStart } from './measure/starting.ts'
import { median, percentile, rotated, shuffled } from './measure/statistics.ts'
import { promises } from './promises.ts'
import { report } from './report.ts'
import { prepareBefore } from './subjects/before.ts'
import { prepareBare } from './subjects/direct.ts'
import { prepareOurs } from './subjects/ours.ts'
import { isUpstream, stop } from './subjects/processes.ts'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

describe('statistics', () => {
  it('gives percentiles by rank, whatever the order', () => {
    const hundred = Array.from({ length: 100 }, (_, i) => ((i * 37) % 100) + 1)
    expect([0.5, 0.95, 0.99, 1].map((part) => percentile(hundred, part))).toEqual([50, 95, 99, 100])
    expect(percentile([7], 0.5)).toBe(7)
    expect(percentile([10, 9], 0.5)).toBe(9)
    expect(percentile([], 0.5)).toBeNaN()
  })

  it('gives medians', () => {
    expect(median([5, 100, 1])).toBe(5)
    expect(median([4, 1, 3, 2])).toBe(2.5)
  })

  it('lets everybody begin once', () => {
    const firsts = [0, 1, 2, 3].map((round) => rotated(['a', 'b', 'c'], round).join(''))
    expect(firsts).toEqual(['abc', 'bca', 'cab', 'abc'])
  })
})

describe('a round', () => {
  it('is what its turns are together', () => {
    const usage = (gateway: number, upstream: number) => ({
      gateway: { cpu: gateway, memory: 0 },
      upstream: { cpu: upstream, memory: 0 },
      upstreams: 1,
    })
    const turns = [
      { times: [1, 2, 3], milliseconds: 100 },
      { times: [9], milliseconds: 300 },
    ]
    expect(roundOf(turns, usage(40, 2), usage(100, 10))).toEqual({
      ...{ perSecond: 10, p50: 2, p95: 9, p99: 9, gatewayCpu: 15, upstreamCpu: 2 },
    })
  })

  it('has everybody once in a turn, in any order', () => {
    const chances = [0.99, 0, 0, 0.5]
    expect(shuffled(['a', 'b', 'c', 'd'], () => chances.shift()!)).toEqual(['d', 'a', 'b', 'c'])
    expect(shuffled(['a', 'b', 'c']).sort()).toEqual(['a', 'b', 'c'])
  })
})

describe('the usage of a process tree', () => {
  it('counts what children burn, and upstream servers apart', async () => {
    // each says what it has used, by its own count, and then rests
    const say = `const { user, system } = process.cpuUsage()
      console.log(JSON.stringify({ name: process.argv[1] ?? 'top', cpu: user + system }))
      setInterval(() => {}, 60_000)`
    const burn = `const until = Date.now() + 200; while (Date.now() < until); ${say}`
    const child = (name: string) =>
      `spawn(process.execPath, ['-e', ${JSON.stringify(burn)}, '${name}'], { stdio: 'inherit' })`
    const top = `const { spawn } = require('node:child_process')\n${child('gateway')}\n${child('upstream')}\n${say}`
    const parent = spawn(process.execPath, ['-e', top], {
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    })
    undo.push(() => process.kill(-parent.pid!, 'SIGKILL'))
    const said: Record<string, number> = {}
    for await (const line of createInterface({ input: parent.stdout })) {
      const { name, cpu } = JSON.parse(line)
      said[name] = cpu
      if (Object.keys(said).length === 3) break
    }
    const usage = treeUsage(parent.pid!, (line) => line.endsWith(' upstream '))
    expect(usage.upstreams).toBe(1)
    const near = (cpu: number, own: number) => expect(Math.abs(cpu - own)).toBeLessThan(60_000 + own / 5)
    near(usage.gateway.cpu, said.gateway! + said.top!)
    near(usage.upstream.cpu, said.upstream!)
    expect(usage.upstream.cpu).toBeGreaterThan(50_000)
    for (const { memory } of [usage.gateway, usage.upstream]) expect(memory).toBeGreaterThan(20_000_000)
  })

  it('says so when the program is gone', () => {
    expect(() => treeUsage(2 ** 22 + 1, () => false)).toThrow('is gone')
  })
})

describe('the load generator', () => {
  it('reads answers with a length, in chunks, in pieces, and on a connection made anew', async () => {
    const server = createServer((req, res) => {
      if (req.url === '/plain') return res.end('plain answer')
      res.writeHead(200, { 'content-type': 'text/event-stream', 'mcp-session-id': 's1' })
      res.write('data: {"id":')
      setTimeout(() => res.end('1}\n\n'), 10)
    }).listen(0, '127.0.0.1')
    undo.push(
      () => server.closeAllConnections(),
      () => server.close(),
    )
    await once(server, 'listening')
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const plain = createLane(new URL('/plain', base))
    for (let i = 0; i < 2; i++) {
      expect(await plain.send('POST', '', '{}')).toMatchObject({ status: 200, body: 'plain answer' })
      if (i === 0) server.closeAllConnections()
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    const events = createLane(new URL('/events', base))
    expect(await events.send('POST', '', '{}')).toEqual({
      status: 200,
      type: 'text/event-stream',
      session: 's1',
      body: 'data: {"id":1}\n\n',
    })
    plain.close()
    events.close()
  })

  it('takes no answer but the right one', () => {
    const answer = (id: number) => JSON.stringify({ jsonrpc: '2.0', id, result: { ok: 1 } })
    expect(messageWithId('application/json', answer(4), 4)).toEqual({ ok: 1 })
    expect(messageWithId('text/event-stream', `event: message\ndata: ${answer(4)}\n\n`, 4)).toEqual({ ok: 1 })
    expect(() => messageWithId('application/json', answer(5), 4)).toThrow('instead of 4')
    expect(() => messageWithId('text/event-stream', `data: ${answer(5)}\n\n`, 4)).toThrow('no answer')
    const echo = (text: string) => ({ content: [{ type: 'text', text }] })
    expect(() => checkEcho(echo('a'), 'a')).not.toThrow()
    expect(() => checkEcho(echo('b'), 'a')).toThrow('wrong answer')
    expect(() => checkEcho({ ...echo('a'), isError: true }, 'a')).toThrow('wrong answer')
  })
})

describe('the report', () => {
  it('says of every promise whether it held, and of none that was not measured', () => {
    const samples = createSamples()
    for (const perSecond of [200, 160, 150]) samples.add('stdio 8', 'ours', { perSecond, gatewayCpu: 50 })
    samples.add('stdio 8', 'mcp-hub', { perSecond: 100, gatewayCpu: 100 })
    samples.add('stdio 8', 'mcp-proxy', { perSecond: 101, gatewayCpu: 300 })
    samples.add('stdio 32', 'ours', { perSecond: 140 })
    samples.add('stdio 32', 'mcp-hub', { perSecond: 100 })
    for (const [name, p50] of [
      ['ours', 0.6],
      ['bare', 0.5],
      ['direct', 0.4],
    ] as const)
      samples.add('modern steady', name, { p50 })
    const promised = promises(samples)
    expect(promised.map(({ held }) => held)).toEqual([
      ...[true, false, true, ...Array(4).fill(null)],
      ...[true, ...Array(5).fill(null)],
    ])
    expect(promised[0]!.measured).toBe('1.58 × mcp-proxy')
    expect(promised[7]!.measured).toBe('1.20 × (1.50 × direct; bare: 1.25)')
    const about = {
      rounds: 3,
      lives: 2,
      milliseconds: 1_000,
      turns: 4,
      warmUp: 0,
      minutes: 1,
      versions: {},
      date: new Date(0),
    }
    const text = report(samples, promised, { command: 'npm run bench', ...about })
    expect(text).toContain(
      '3 rounds of 1.0 s, twice that for one call at a time. All programs of a table run at once and take turns of 250 ms',
    )
    expect(text).toContain('compared over 2 lives: started anew, called as often as before, 3 rounds again')
    expect(text).toContain('3 of 13 held')
    expect(text).toContain('| ours | 160 ± 25 |')
    expect(text).toContain('not measured')
  })
})

it('measures Drawbridge where a rule of its owner allows every call', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'drawbridge-bench-'))
  undo.push(() => rmSync(folder, { recursive: true, force: true }))
  const subject = await prepareOurs({ changes: true })(
    { kind: 'stdio', count: 1, tools: 1, eras: '2025' },
    folder,
  )
  const { running, client } = await timedStart(subject, 1)
  undo.push(() => stop(running.child))
  const { times } = await closedLoad(client, {
    ...{ concurrency: 8, milliseconds: 300 },
    tool: () => running.tool(0),
  })
  await client.close()
  const host = createHostClient(join(folder, 'data'))
  const [call] = await host.call('activity.list', { limit: 1 })
  expect(call).toMatchObject({
    risk: 'write',
    outcome: 'answered',
    decision: 'allowed',
    rule: expect.anything(),
  })
  const [rule] = await host.call('rules.list', undefined)
  expect(rule!.uses).toBeGreaterThan(times.length)
}, 60_000)

it('has a gateway that does nothing, in both revisions', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'drawbridge-bench-'))
  undo.push(() => rmSync(folder, { recursive: true, force: true }))
  const subject = await prepareBare({ kind: 'stdio', count: 1, tools: 1, eras: 'both' }, folder)
  const { running, client } = await timedStart(subject, 1)
  undo.push(() => stop(running.child))
  const modern = await running.openModern!(1)
  const echo = { name: 'echo', arguments: { text: 'a' } }
  expect(await client.request(0, 'tools/call', echo)).not.toHaveProperty('resultType')
  expect(await modern.request(0, 'tools/call', echo)).toMatchObject({ resultType: 'complete' })
  // a server for each, neither of them taken for the gateway
  expect(treeUsage(running.child.pid!, isUpstream).upstreams).toBe(2)
  await client.close()
  await modern.close()
}, 60_000)

it('measures Drawbridge itself: every answer right, eight calls at a time', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'drawbridge-bench-'))
  undo.push(() => rmSync(folder, { recursive: true, force: true }))
  const subject = await prepareOurs()({ kind: 'stdio', count: 1, tools: 1, eras: 'both' }, folder)
  const { running, client, start } = await timedStart(subject, 1)
  undo.push(() => stop(running.child))
  expect(start.first).toBeGreaterThan(0)
  const before = treeUsage(running.child.pid!, isUpstream)
  const load = await closedLoad(client, {
    ...{ concurrency: 8, milliseconds: 1_000 },
    tool: () => running.tool(0),
  })
  const after = treeUsage(running.child.pid!, isUpstream)
  await client.close()
  // what every start has
  expect(after.upstreams).toBe(1)
  const { calls, p50, p99 } = summary([load])
  expect(calls).toBeGreaterThan(50)
  expect(p50).toBeLessThanOrEqual(p99)
  expect(after.gateway.cpu).toBeGreaterThan(before.gateway.cpu)
  const modern = await running.openModern!(1)
  expect(
    await closedLoad(modern, { concurrency: 1, milliseconds: 100, tool: () => running.tool(0) }),
  ).toMatchObject({ times: expect.arrayContaining([expect.any(Number)]) })
  await modern.close()
}, 60_000)

describe('another checkout', () => {
  it('must have been built', async () => {
    await expect(prepareBefore(join(tmpdir(), 'nothing-is-here'))).rejects.toThrow(
      /no Drawbridge that was built/,
    )
  })
})
