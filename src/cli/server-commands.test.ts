import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { json, startHarness } from './testing/harness.ts'

let h: Awaited<ReturnType<typeof startHarness>>
beforeAll(async () => {
  h = await startHarness()
})
afterAll(() => h.stop())
beforeEach(() => h.forget())

describe('servers', () => {
  it('passes everything after -- on as it stands', async () => {
    const result = await h.drawbridge(
      ...['server', 'add', 'Files', '--env', 'A=1=2', '--env', 'FROM_HERE', '--json', '--'],
      ...[
        'npx',
        '-y',
        '--data',
        'x',
        '--json',
        '--env',
        'B=2',
        '--',
        '--help',
        '$(touch /tmp/x)',
        'two words',
        '',
      ],
    )
    expect(result.code).toBe(0)
    expect(json(result)).toMatchObject({ name: 'Files', state: 'running', env: ['A', 'FROM_HERE'] })
    expect(h.last('servers.add')).toEqual({
      kind: 'stdio',
      name: 'Files',
      command: 'npx',
      args: [
        '-y',
        '--data',
        'x',
        '--json',
        '--env',
        'B=2',
        '--',
        '--help',
        '$(touch /tmp/x)',
        'two words',
        '',
      ],
      cwd: '/home/ada',
      env: { A: '1=2', FROM_HERE: 'value from here' },
      timeout: 30_000,
    })
  })

  it('starts the server in the folder where the command is typed', async () => {
    await h.drawbridge('server', 'add', 'mine', '--', './server.mjs', './data')
    expect(h.last('servers.add')).toMatchObject({
      command: './server.mjs',
      args: ['./data'],
      cwd: '/home/ada',
    })
  })

  it('adds one by its address, with headers', async () => {
    const result = await h.drawbridge(
      ...[
        'server',
        'add',
        'remote',
        '--url',
        'https://mcp.example/mcp',
        '--header',
        'Authorization: Bearer a:b',
      ],
      ...['--header', 'X-Tenant:7'],
    )
    expect(result).toMatchObject({ code: 0, out: '“remote” is running and offers 3 tools.' })
    expect(h.last('servers.add')).toEqual({
      kind: 'http',
      name: 'remote',
      url: 'https://mcp.example/mcp',
      headers: { Authorization: 'Bearer a:b', 'X-Tenant': '7' },
      timeout: 30_000,
    })
  })

  it.each([
    [['x']],
    [['x', '--url', 'https://a.example', '--', 'npx']],
    [['x', '--url', 'https://a.example', '--env', 'K=canary-value']],
    [['x', '--header', 'K: canary-value', '--', 'npx']],
    [['x', '--env', '=canary-value', '--', 'npx']],
    [['x', '--env', 'bad name=canary-value', '--', 'npx']],
    [['x', '--env', 'NOT_SET_ANYWHERE', '--', 'npx']],
    [['x', '--url', 'https://a.example', '--header', 'bad name: canary-value']],
    [['x', '--url', 'https://a.example', '--header', 'no-colon-canary-value']],
    [['x', 'npx', '-y', 'package']],
    [[]],
  ])('refuses %j as wrongly written, without repeating values', async (args) => {
    const result = await h.drawbridge('server', 'add', ...args)
    expect(result.code).toBe(2)
    expect(result.err.split('\n').length).toBeGreaterThanOrEqual(2)
    expect(result.err + result.out).not.toContain('canary-value')
    expect(h.state.servers).toEqual([])
  })

  it('says why a server did not start, with its last words, and exit code 1', async () => {
    const result = await h.drawbridge('server', 'add', 'bad one', '--', 'nothing')
    expect(result.code).toBe(1)
    expect(result.err).toContain('It stopped at once.')
    expect(result.err).toContain('Check the command.')
    expect(result.err).toContain('line one')
    const listed = await h.drawbridge('server', 'list')
    expect(listed.out).toMatch(/^NAME +STATE +TOOLS +STARTED WITH\nbad one +failed +0 +nothing\n/)
    expect(listed.out).toContain('Check the command.')
  })

  it('removes and restarts by name, by id, and not otherwise', async () => {
    await h.drawbridge('server', 'add', 'Files', '--', 'npx')
    expect((await h.drawbridge('server', 'restart', 'files')).code).toBe(0)
    expect((await h.drawbridge('server', 'remove', 'Fil')).code).toBe(4)
    expect((await h.drawbridge('server', 'remove', 'srv_0def')).code).toBe(0)
    const none = await h.drawbridge('server', 'remove', 'Files', '--json')
    expect(none.code).toBe(4)
    expect(json(none).error.code).toBe('server-not-found')
  })
})
