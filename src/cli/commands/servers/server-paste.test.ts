// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders of other programs
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { json, startHarness } from '../../testing/harness.ts'

let h: Awaited<ReturnType<typeof startHarness>>
beforeAll(async () => {
  h = await startHarness()
})
afterAll(() => h.stop())
beforeEach(() => h.forget())

const settings = JSON.stringify({
  mcpServers: {
    one: { command: 'npx', args: ['-y', 'one-mcp'], env: { API_KEY: '<YOUR_KEY>' } },
    two: { url: 'https://two.example/mcp', headers: { Authorization: 'Bearer ${FROM_HERE}' } },
    bad: { type: 'ws', url: 'wss://x.example' },
  },
})

describe('server add --paste', () => {
  it('keeps each of several as a draft, whole and shown, and starts none without a yes', async () => {
    const file = join(h.dir, 'settings.json')
    writeFileSync(file, settings)
    const result = await h.drawbridge(
      'server',
      'add',
      '--paste',
      file,
      '--fill',
      'YOUR_KEY=k-1',
      '--fill',
      'FROM_HERE',
    )
    expect(result.code).toBe(0)
    expect(h.state.servers).toMatchObject([
      { name: 'one', command: 'npx', args: ['-y', 'one-mcp'], state: 'draft', cwd: '/home/ada' },
      { name: 'two', url: 'https://two.example/mcp', state: 'draft' },
    ])
    expect(h.last('servers.draft')).toMatchObject({ headers: { Authorization: 'Bearer value from here' } })
    expect(h.last('servers.start')).toBeUndefined()
    expect(result.err).toMatch(
      /Read as settings as Claude Desktop[\s\S]*“bad” was left out[\s\S]*with argument 2 +"one-mcp"[\s\S]*connects to/,
    )
    expect(result.out).toContain('drawbridge server start one --yes')
  })

  it('says what is to be filled in, and adds nothing before', async () => {
    h.input = settings
    const result = await h.drawbridge('server', 'add', '--paste', '-', '--json')
    expect(result.code).toBe(2)
    expect(json(result).error.message).toBe(
      'To be filled in first: “YOUR_KEY” (the variable API_KEY of “one”), “FROM_HERE” (the header Authorization of “two”).',
    )
    const wrong = await h.drawbridge('server', 'add', '--paste', '-', '--fill', 'secret-value=x')
    expect(wrong.err).toContain('“YOUR_KEY”')
    expect(wrong.err).not.toContain('secret-value')
    expect(h.state.servers).toEqual([])
  })

  it.each([
    ['<YOUR_KEY>', 'Give it with --fill YOUR_KEY=…, or --fill YOUR_KEY to take it from here.'],
    ['<your key>', "Give it with --fill 'your key=…'."],
  ])('says how to fill in %s as a shell takes it', async (key, hint) => {
    h.input = JSON.stringify({ mcpServers: { one: { command: 'x', env: { API_KEY: key } } } })
    const result = await h.drawbridge('server', 'add', '--paste', '-', '--json')
    expect(json(result).error.hint).toBe(hint)
  })

  it('adds those that need nothing, and says of each other one what is to be filled in', async () => {
    const open = { command: 'x', env: { API_KEY: '<YOUR_KEY>' } }
    h.input = JSON.stringify({ mcpServers: { one: open, two: { command: 'y' } } })
    const result = await h.drawbridge('server', 'add', '--paste', '-', '--json')
    expect(result.code).toBe(1)
    const message = 'To be filled in first: “YOUR_KEY” (the variable API_KEY of “one”).'
    expect(json(result)).toMatchObject({
      servers: [{ name: 'two' }],
      failed: [{ name: 'one', error: { message } }],
    })
  })

  it('reads a file as its byte order mark says', async () => {
    const file = join(h.dir, 'from-powershell.json')
    const text = '\ufeff{"mcpServers":{"wide":{"command":"x","args":["ä"]}}}'
    const bytes = Buffer.from(text, 'utf16le')
    for (const written of [bytes, Buffer.from(bytes).swap16(), Buffer.from(text)]) {
      writeFileSync(file, written)
      expect((await h.drawbridge('server', 'add', '--paste', file)).code).toBe(0)
      expect(h.last('servers.draft')).toMatchObject({ command: 'x', args: ['ä'] })
      h.forget()
    }
  })

  it('--env gives what the text leaves open, and --yes starts what was shown', async () => {
    h.input = 'claude mcp add notes -e API_KEY=xxx -- npx -y notes-mcp'
    const result = await h.drawbridge(
      'server',
      'add',
      'Mine',
      '--paste',
      '-',
      '--env',
      'API_KEY=k',
      '--yes',
      '--json',
    )
    expect(result.code).toBe(0)
    expect(h.last('servers.draft')).toMatchObject({
      name: 'Mine',
      args: ['-y', 'notes-mcp'],
      env: { API_KEY: 'k' },
    })
    expect(h.last('servers.start')).toMatchObject({ seen: 'fingerprint of Mine' })
    expect(json(result)).toMatchObject({
      what: 'a “claude mcp add” line',
      servers: [{ name: 'Mine', state: 'running' }],
      failed: [],
    })
  })

  it('--yes starts nothing that the text says is switched off, and says so', async () => {
    h.input =
      '{"mcpServers":{"a1":{"command":"x","disabled":true},"b1":{"command":"y","disabled":false},"c1":{"url":"https://c.example/mcp","enabled":false}}}'
    const result = await h.drawbridge('server', 'add', '--paste', '-', '--yes')
    expect(h.state.servers.map(({ name, state }) => [name, state])).toEqual([
      ['a1', 'draft'],
      ['b1', 'running'],
      ['c1', 'draft'],
    ])
    expect(result.code).toBe(0)
    expect(result.err.match(/stays a draft: --yes starts nothing that was switched off there/g)).toHaveLength(
      2,
    )
    expect(result.out).toMatch(/“a1” is a draft[\s\S]*drawbridge server start a1 --yes[\s\S]*“b1” is running/)
  })

  it('writes what would not be seen as its code, once', async () => {
    const bad = JSON.stringify({ url: 'https://x.example/mcp', headers: { 'X\nY': 'z' } })
    const alone = await h.drawbridge('server', 'add', bad)
    expect(alone.err).toContain('“X⟨U+000A⟩Y” cannot be the name of a header.')
    const beside = await h.drawbridge('server', 'add', `{"mcpServers":{"a1":{"command":"x"},"b1":${bad}}}`)
    expect(beside.err).toMatch(/“b1” was left out: .*“X⟨U\+000A⟩Y” cannot be/)
    const file = await h.drawbridge('server', 'add', '--paste', 'no\u202ewhere')
    expect(file.err).toContain('no⟨U+202E⟩where')
    expect(alone.err + beside.err + file.err).not.toContain('27E8')
  })

  it('asks a person for each, and takes the answer', async () => {
    h.answers.push(true, false)
    const result = await h.drawbridge(
      'server',
      'add',
      '{"mcpServers":{"a1":{"command":"x"},"b1":{"command":"y"}}}',
    )
    expect(h.questions).toEqual(['Start it? [y/N] ', 'Start it? [y/N] '])
    expect(h.state.servers.map(({ state }) => state)).toEqual(['running', 'draft'])
    expect(result.out).toContain('“a1” is running')
  })

  it.each([
    ['one argument that is no name', ['https://kelp.example/mcp'], null],
    ['standard input, named', ['-'], 'https://kelp.example/mcp'],
    ['standard input, and nothing else', [], 'https://kelp.example/mcp\n'],
  ])('reads %s', async (_what, args, input) => {
    h.input = input
    expect((await h.drawbridge('server', 'add', ...args)).code).toBe(0)
    expect(h.last('servers.draft')).toMatchObject({
      kind: 'http',
      name: 'kelp',
      url: 'https://kelp.example/mcp',
    })
  })

  it('a name alone is still a name whose command is missing', async () => {
    const result = await h.drawbridge('server', 'add', 'My files')
    expect(result.err).toContain('What starts the server is missing.')
    expect(h.last('servers.read')).toBeUndefined()
  })

  it('says what it does not understand, in JSON too', async () => {
    h.input = '{"mcpServers":{"a1":{"command":"x" "args":[]}}}'
    const result = await h.drawbridge('server', 'add', '--paste', '-', '--json')
    expect(result.code).not.toBe(0)
    expect(json(result).error).toMatchObject({
      code: 'paste-not-understood',
      message: expect.stringContaining('line 1, column 36'),
    })
    expect((await h.drawbridge('server', 'add', '--paste', 'no-such-file')).code).toBe(2)
    expect((await h.drawbridge('server', 'add', 'x', '--yes', '--', 'npx')).code).toBe(2)
    expect(h.state.servers).toEqual([])
  })
})
