// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders of other programs
import { describe, expect, it } from 'vitest'
import { isHostError } from '../../kernel/errors.ts'
import { readPasted } from './read-pasted.ts'

const read = (text: string) => readPasted(text, { home: '/home/ada', isFolder: () => false })
const one = (text: string) => read(text).servers[0]!
const settings = (entry: object) => JSON.stringify({ mcpServers: { a1: entry } })

/** Anything but a refusal that says why is a fault. */
const refusal = (text: string): string => {
  try {
    return `understood: ${read(text).servers.length}`
  } catch (error) {
    if (!isHostError(error)) throw error
    return `${error.code}: ${error.message}`
  }
}

/** Far more than it takes, for a machine that is busy. */
function heldUp(text: string): number {
  const began = performance.now()
  refusal(text)
  return performance.now() - began
}
const most = 1_000
const lines = (count: number, line: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => line(at)).join('\n')

describe('time', () => {
  const seeds = [
    ...['x', 'X', '*', '•', 'xX*', 'x-', 'xxx-', '-xxx', 'xxx.', 'a-xxx', '***•', '*x', '.x'],
    ...[
      '/',
      '\\',
      'C:/',
      'path',
      '/path/',
      '/path/to/',
      '/Users/',
      'MY_',
      'MY_A_',
      'your-',
      'yourA',
      'your ',
    ],
    ...[
      'YOUR_',
      'a_',
      'here-',
      'a-here',
      'TODO-',
      '<a',
      '<YOUR ',
      '[your ',
      '$A',
      '%AA',
      '${',
      '$HOME ',
      '~/',
    ],
    ...[`{{${' '.repeat(900)}`, `{{ ${'a '.repeat(450)}`, `{{a${' '.repeat(900)}`, '-', '_', '.', '…'],
  ]
  it.each(seeds)('values of “%s”, over and over, are gone through at once', (seed) => {
    for (const end of ['', '1', '_', '!', 'é']) {
      const long = seed.repeat(Math.max(1, Math.floor(980 / seed.length))) + end
      expect(heldUp(settings({ command: 'x', args: Array(90).fill(long) }))).toBeLessThan(most)
      expect(heldUp(`npx "${seed.repeat(Math.floor(90_000 / seed.length))}${end}"`)).toBeLessThan(most)
    }
  })

  it.each([
    ['a key of the length that keys have', `npx -y server --token=ghp_${'x'.repeat(28)}1`],
    ['a table that does not end', `[${'a.'.repeat(45_000)}\nx = 1`],
    ['spaces behind a key', `a:${' '.repeat(90_000)}x\ncommand: y`],
    ['commas behind the end', `{"a":1}${','.repeat(90_000)}`],
    ['an image of colons', `docker run -i "x${':'.repeat(90_000)}\n"`],
    ['a program of @', `"/${'a@'.repeat(45_000)}\n"`],
    ['brackets in an address', `https://x.example/${'<'.repeat(90_000)}`],
    ['very many commands', lines(9_000, (at) => `npx a${at}`)],
    ['very many with one name', lines(8_000, (at) => `npx a x${at}`)],
    ['variables for very many', `${lines(5_000, (at) => `A${at}=1`)}\n${lines(4_000, (at) => `npx a${at}`)}`],
    ['variables for a hundred', `${lines(8_000, (at) => `A${at}=1`)}\n${lines(99, (at) => `npx a${at}`)}`],
    ['very many words', `npx ${'a '.repeat(45_000)}`],
    ['keys of YAML', `a:\n${lines(5_000, (at) => `  k${at}: v`)}\ncommand: x\n`],
    ['a list of YAML', `command: x\nargs:\n${'- a\n'.repeat(20_000)}`],
    ['faults of YAML', `a: ${'&a '.repeat(30_000)}\ncommand: x`],
  ])('%s: dealt with at once', (_what, text) => {
    expect(heldUp(text)).toBeLessThan(most)
  })
})

describe('what is too much is refused with a reason', () => {
  it.each([
    ['lines', lines(101, (at) => `npx a${at}`), /has 101 servers; 100 at a time/],
    ['blocks', lines(101, (at) => `\`\`\`\nnpx a${at}\n\`\`\``), /has 101 servers; 100 at a time/],
    [
      'documents',
      `${lines(51, (at) => `{"a${at}":{"command":"x"},"b":{"command":"y"}}`)}`,
      /has 102 servers/,
    ],
    ['variables', `${lines(201, (at) => `A${at}=1`)}\nnpx a`, /more lines and values/],
    ['YAML', `a:\n${lines(5_000, (at) => `  k${at}: v`)}\ncommand: x\n`, /more lines and values/],
    ['lists in lists', `a:\n  ${'- '.repeat(40)}x\ncommand: y\n`, /nested more than 20/],
    ['lists in lists without end', `a:\n  ${'- '.repeat(5_000)}x\ncommand: y\n`, /nested more than 20/],
    ['keys in keys', `a:\n  ${'? '.repeat(5_000)}x\ncommand: y\n`, /nested more than 20/],
    ['… beyond all', `a:\n  ${'- '.repeat(40_000)}x\ncommand: y\n`, /more lines and values/],
    [
      'a variable that is named very often',
      `K=${'a'.repeat(9_000)}\nclaude mcp add x --transport http https://x.example -H "X: ${'$K'.repeat(40_000)}"`,
      /longer than 100,000/,
    ],
    ['a damaged link', 'cursor://a.b/mcp/install?name=x&config=abcde', /cut off or damaged/],
    ['… by way of a page', 'https://x.example/install-mcp?name=x&config=abcde', /cut off or damaged/],
    ['a key of YAML that stands twice', 'a:\n  command: x\n  command: y\n', /stands twice.*line 3, column 3/],
  ])('%s', (_what, text, message) => {
    expect(refusal(text)).toMatch(/^paste-not-understood: /)
    expect(refusal(text)).toMatch(message)
  })

  it('a hundred are taken, and none of a text that is no more than many lines is called a server', () => {
    expect(read(lines(100, (at) => `npx a${at}`)).servers).toHaveLength(100)
    expect(refusal(lines(150, (at) => `then do ${at}`))).toMatch(/These are 150 commands/)
  })

  it('settings of the usual size in YAML are read', () => {
    const text = `mcpServers:\n${lines(90, (at) => `  s${at}:\n    command: npx\n    args:\n      - -y\n      - a${at}\n    env:\n      KEY: v\n      ZONE: eu`)}`
    expect(read(text).servers).toHaveLength(90)
  })
})

describe('what stands there is what is taken', () => {
  it('a number stays as it was written', () => {
    const written = ['123456789012345678', '1.10', '1e3', '-0', '0.50']
    const ofJson = one(
      `{"command":"x","args":[${written.join()}],"env":{${written.map((number, at) => `"V${at}":${number}`).join()}}}`,
    )
    expect(ofJson.args).toEqual(written.map((number) => [number]))
    expect(Object.values(ofJson.env)).toEqual(written.map((number) => [number]))
    const more = [...written, '0123', '0x1F', '0o17', '+5', '.5']
    const ofYaml = one(
      `command: x\nargs: [${more.join(', ')}]\nenv:\n${lines(more.length, (at) => `  V${at}: ${more[at]}`)}\n`,
    )
    expect(ofYaml.args).toEqual(more.map((number) => [number]))
    expect(Object.values(ofYaml.env)).toEqual(more.map((number) => [number]))
    expect(one('[mcp_servers.a]\ncommand = "x"\nenv = { GUILD = 123456789012345678 }').env.GUILD).toEqual([
      '123456789012345678',
    ])
    expect(read('mcpServers:\n  007:\n    command: x\n').servers[0]?.name).toBe('007')
  })

  it('and is still no text where a text has to stand', () => {
    expect(refusal('{"mcpServers":{"a1":{"command":5},"b1":{"command":"x","env":7}}}')).toMatch(
      /neither a command|cannot be added/,
    )
    expect(refusal('{"mcpServers":{"a1":{"command":"x","cwd":7}}}')).toMatch(/Its folder is not a text/)
  })

  it.each([
    '{"mcpServers":{"a1":{"url":"https://a.example","headers":{"__proto__":"1","A":"b"}}}}',
    'url: https://a.example\nheaders:\n  __proto__: y\n',
    'claude mcp add x --transport http https://a.example -H "__proto__: y"',
    'claude mcp add x -e __proto__=y -- npx z',
    '__proto__=y npx z',
    'export __proto__=y\nnpx z',
    'env __proto__=y npx z',
    'docker run -i -e __proto__ acme/notes',
    'npx mcp-remote https://a.example --header "__proto__: y"',
  ])('a value called __proto__ is not dropped without a word: %s', (text) => {
    expect(refusal(text)).toMatch(/“__proto__” cannot be the name/)
  })

  it('what every object has is no variable', () => {
    expect(one('npx mcp-remote https://a.example --header "X: ${constructor}"').headers.X).toMatchObject([
      { ask: 'constructor' },
    ])
  })

  it.each([39, 35])('a name that is cut ends in a whole letter (%i)', (length) => {
    const name = `${'a'.repeat(length)}𝔸${'b'.repeat(9)}`
    const text = JSON.stringify({
      mcpServers: { [name]: { command: 'x' }, [`${name}!`]: { command: 'y' } },
    })
    for (const server of read(text).servers) expect(server.name.isWellFormed()).toBe(true)
  })
})
