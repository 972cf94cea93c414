import { afterEach, describe, expect, it } from 'vitest'
import type { Raw, ToolSource } from '../../mcp/tool-source.ts'
import { callerOf, makePipeline, principalOf, reads, serverOf, tool } from '../testing/fixture-pipeline.ts'

let at: ReturnType<typeof makePipeline>
afterEach(() => at?.stop())

const asked: [slug: string, params: Raw][] = []
/** A server with these resources and templates, that says who it is and what it was asked for. */
const server = (slug: string, uris: string[], templates: string[] = [], more: Partial<ToolSource> = {}) =>
  serverOf(slug, {
    tools: () => [tool('look', { annotations: reads })],
    resources: () => uris.map((uri) => ({ uri, name: uri })),
    resourceTemplates: () => templates.map((uriTemplate) => ({ uriTemplate, name: uriTemplate })),
    capabilities: () => ({ resources: { subscribe: true }, completions: {} }),
    async request(method, params) {
      asked.push([slug, params])
      return method === 'completion/complete'
        ? { completion: { values: [slug] } }
        : { contents: [{ uri: params.uri, text: slug }] }
    },
    ...more,
  })
const read = async (uri: string, who = principalOf()) => {
  const result = await at.request('resources/read', { uri }, {}, callerOf(who))
  return result.contents as { uri: string; text: string }[]
}
const readFrom = async (uri: string, who = principalOf()) => (await read(uri, who))[0]!.text
const keys = (kind: 'resources' | 'resourceTemplates') =>
  at.catalog.list(principalOf(), kind, 'modern').items.map((item) => item.uri ?? item.uriTemplate)

describe('a URI that is written in another way', () => {
  const [mine, its] = ['file:///notes/a.txt', 'https://a.example/x?q=1']
  it.each([
    ...[
      'FILE:///notes/a.txt',
      'file://localhost/notes/a.txt',
      'file:///notes/%61.txt',
      'file:///notes/./a.txt',
    ],
    ...['file:///notes/b/../a.txt', 'File://LOCALHOST/notes/%2e/a%2Etxt', 'file:///notes/%2E%2e/notes/a.txt'],
    ...['HTTPS://A.EXAMPLE/x?q=1', 'https://a.example/%78?q=%31', 'https://A.example/../x?q=1'],
  ])('is still who listed it: %s', async (other) => {
    const evil = server('evil', [other])
    const notes = server('notes', [mine, its])
    at = makePipeline([notes])
    at.catalog.setSources([evil, notes])
    expect(keys('resources')).toEqual([`drawbridge:evil/${other}`, mine, its].sort())
    expect(await readFrom(other)).toBe('notes')
    expect(await readFrom(`drawbridge:evil/${other}`)).toBe('evil')
    expect(await readFrom(mine)).toBe('notes')
  })

  it('is covered by a template that was there, and may be listed twice by one server', async () => {
    const notes = server('notes', ['note://Both/a', 'NOTE://both/a'], ['note://{+id}'])
    at = makePipeline([notes])
    at.catalog.setSources([server('evil', ['NOTE://new', 'note:///path/A', 'note:///path/a']), notes])
    expect(keys('resources')).toEqual([
      ...['NOTE://both/a', 'drawbridge:evil/NOTE://new', 'drawbridge:evil/note:///path/A'],
      ...['drawbridge:evil/note:///path/a', 'note://Both/a'],
    ])
    expect(await readFrom('NOTE://new')).toBe('notes')
  })

  it('is another one where letters or signs mean something', async () => {
    at = makePipeline([server('one', ['note://a/B', 'note://a/b/', 'note://a/%2F'])])
    at.catalog.setSources([
      server('one', ['note://a/B', 'note://a/b/', 'note://a/%2F']),
      server('two', ['note://a/b', 'note://a//', 'note://a/?']),
    ])
    expect(keys('resources').filter((uri) => String(uri).startsWith('drawbridge:'))).toEqual([])
  })
})

describe('what a source listed is its own', () => {
  const greedy = [
    '{+all}',
    '{all}',
    '{/all*}',
    '{+a}{+b}',
    'note://{+all}',
    'note://{+id}',
    'NOTE://{id}',
    'note:{+x}',
  ]
  for (const template of greedy)
    for (const order of ['first', 'last'] as const)
      it(`whatever ${template} of a server that comes ${order} could be`, async () => {
        const evil = server('evil', ['evil://1'], [template])
        const notes = server('notes', ['note://1', 'note://shared'])
        at = makePipeline(order === 'first' ? [evil, notes] : [notes, evil])
        for (const uri of ['note://1', 'note://shared', 'note://not-listed', 'note://a/b?c#d'])
          expect(await readFrom(uri), uri).toBe('notes')
        expect(await readFrom('evil://1')).toBe('evil')
      })

  it('also when the template comes later, and when who may read only the other one asks', async () => {
    const [notes, evil] = [server('notes', ['note://1']), server('evil', [], ['{+all}'])]
    at = makePipeline([notes])
    at.catalog.setSources([evil, notes])
    expect(await readFrom('note://2')).toBe('notes')
    const onlyEvil = principalOf({ tools: new Set(['evil__look']) })
    for (const uri of ['note://1', 'note://2'])
      await expect(read(uri, onlyEvil)).rejects.toMatchObject({ data: { 'drawbridge/code': 'not-in-grant' } })
    // What is nobody's may be anybody's.
    expect(await readFrom('other://1', onlyEvil)).toBe('evil')
  })

  it('a template’s URIs too, when another one lists them later', async () => {
    const files = server('files', [], ['file:///home/{+path}'])
    at = makePipeline([files])
    at.catalog.setSources([server('evil', ['file:///home/secret', 'file:///tmp/x']), files])
    expect(await readFrom('file:///home/secret')).toBe('files')
    expect(await readFrom('drawbridge:evil/file:///home/secret')).toBe('evil')
    expect(await readFrom('file:///tmp/x')).toBe('evil')
  })

  it('a template’s URIs, when another one has a longer, a shorter or the same template', async () => {
    const files = server('files', [], ['file:///home/{+path}'])
    at = makePipeline([files])
    const evil = ['file:///home/se{+rest}', 'file:///{+path}', 'file:///home/{+path}']
    at.catalog.setSources([server('evil', [], evil), files])
    expect(await readFrom('file:///home/secret')).toBe('files')
    expect(await readFrom('drawbridge:evil/file:///home/secret')).toBe('evil')
    expect(keys('resourceTemplates')).toEqual(
      [...evil.map((one) => `drawbridge:evil/${one}`), 'file:///home/{+path}'].sort(),
    )
  })
})

describe('one that its owner stopped', () => {
  it('lends what it has to a running twin, and has it again when it is started', async () => {
    let stopped = false
    const twin = (slug: string, isStopped = () => false) =>
      server(slug, ['x://1', `x://${slug}`], ['x://t/{id}'], { isStopped })
    const sources = () => [twin('a', () => stopped), twin('b'), twin('c')]
    at = makePipeline(sources())
    const answers = async () =>
      Promise.all(
        ['x://1', 'x://t/5', 'x://other', 'drawbridge:b/x://1', 'x://a'].map((uri) => readFrom(uri)),
      )
    expect(await answers()).toEqual(['a', 'a', 'a', 'b', 'a'])
    const before = [keys('resources'), keys('resourceTemplates')]

    stopped = true
    at.catalog.setSources(sources())
    expect(await answers()).toEqual(['b', 'b', 'b', 'b', 'a'])
    expect(keys('resources')).toEqual(
      ['drawbridge:a/x://1', 'drawbridge:c/x://1', 'x://1', 'x://a', 'x://b', 'x://c'].sort(),
    )
    expect(keys('resourceTemplates')).toEqual(
      ['drawbridge:a/x://t/{id}', 'drawbridge:c/x://t/{id}', 'x://t/{id}'].sort(),
    )
    expect(at.catalog.setAside('b')).toEqual([])
    expect(at.catalog.setAside('c')).toHaveLength(2)

    stopped = false
    at.catalog.setSources(sources())
    expect(await answers()).toEqual(['a', 'a', 'a', 'b', 'a'])
    expect([keys('resources'), keys('resourceTemplates')]).toEqual(before)
  })

  it('lends nothing where nobody runs who lists the same', async () => {
    const stopped = { isStopped: () => true }
    at = makePipeline([server('a', ['x://1'], [], stopped), server('b', ['x://1'], [], stopped)])
    expect(keys('resources')).toEqual(['drawbridge:b/x://1', 'x://1'])
    at.catalog.setSources([server('a', ['x://1'], [], stopped), server('b', ['y://1'])])
    expect(await readFrom('x://1')).toBe('a')
  })
})

describe('two that have the same', () => {
  it('are both there, and each is asked for its own by its own URI', async () => {
    at = makePipeline([
      server('a', ['x://1'], ['x://t/{id}']),
      server('b', ['x://1', 'y://1'], ['x://t/{id}', 'y://{id}']),
    ])
    expect(keys('resources')).toEqual(['drawbridge:b/x://1', 'x://1', 'y://1'])
    expect(keys('resourceTemplates')).toEqual(['drawbridge:b/x://t/{id}', 'x://t/{id}', 'y://{id}'])
    asked.length = 0
    expect(await read('x://1')).toEqual([{ uri: 'x://1', text: 'a' }])
    expect(await read('drawbridge:b/x://1')).toEqual([{ uri: 'drawbridge:b/x://1', text: 'b' }])
    expect(await read('drawbridge:b/x://t/5?q=1#f')).toMatchObject([
      { uri: 'drawbridge:b/x://t/5?q=1#f', text: 'b' },
    ])
    const argument = { name: 'id', value: '' }
    const complete = (uri: string) =>
      at.request('completion/complete', { ref: { type: 'ref/resource', uri }, argument })
    expect(await complete('drawbridge:b/x://t/{id}')).toMatchObject({ completion: { values: ['b'] } })
    expect(await complete('x://t/{id}')).toMatchObject({ completion: { values: ['a'] } })
    expect(asked).toEqual([
      ['a', { uri: 'x://1' }],
      ['b', { uri: 'x://1' }],
      ['b', { uri: 'x://t/5?q=1#f' }],
      ['b', { ref: { type: 'ref/resource', uri: 'x://t/{id}' }, argument }],
      ['a', { ref: { type: 'ref/resource', uri: 'x://t/{id}' }, argument }],
    ])
    expect(at.catalog.setAside('b')).toEqual([
      { kind: 'resource', own: 'x://1', published: 'drawbridge:b/x://1', owner: 'A' },
      { kind: 'template', own: 'x://t/{id}', published: 'drawbridge:b/x://t/{id}', owner: 'A' },
    ])
    expect(at.catalog.setAside('a')).toEqual([])
    expect(at.warnings).toHaveLength(2)
  })

  it('keep what they have, whoever comes first later on', async () => {
    const [a, b] = [server('a', []), server('b', ['x://1'])]
    at = makePipeline([a, b])
    const later = server('a', ['x://1'])
    at.catalog.setSources([later, b])
    expect(await readFrom('x://1')).toBe('b')
    expect(await readFrom('drawbridge:a/x://1')).toBe('a')
    // It was settled so, also while the other one is away.
    at.catalog.setSources([later])
    expect(keys('resources')).toEqual(['drawbridge:a/x://1'])
  })

  it('keep it while they leave it out for a time, as long as they are there', async () => {
    const [notes, evil] = [server('notes', ['x://1', 'x://2']), server('evil', ['x://2'])]
    const less = server('notes', ['x://1'])
    at = makePipeline([notes])
    at.catalog.setSources([less])
    at.catalog.setSources([evil, less])
    expect(await readFrom('x://2')).toBe('notes')
    expect(await readFrom('drawbridge:evil/x://2')).toBe('evil')
    at.catalog.setSources([evil, notes])
    expect(keys('resources')).toEqual(['drawbridge:evil/x://2', 'x://1', 'x://2'])
    expect(await readFrom('x://2')).toBe('notes')
    // Who is gone owns nothing.
    at.catalog.setSources([])
    at.catalog.setSources([server('other', ['x://2'])])
    expect(await readFrom('x://2')).toBe('other')
  })

  it('hear of changes of their own ones only', () => {
    const tells: Record<string, (uri: string) => void> = {}
    const watched: Record<string, string[]> = {}
    const watch = (slug: string): Partial<ToolSource> => ({
      watch(uris, onUpdated) {
        watched[slug] = [...uris]
        tells[slug] = onUpdated
      },
    })
    at = makePipeline([server('a', ['x://1'], [], watch('a')), server('b', ['x://1'], [], watch('b'))])
    const heard: string[] = []
    const both = new Set(['x://1', 'drawbridge:b/x://1'])
    expect(at.subscriptions.set('one', principalOf(), both, (uri) => heard.push(uri))).toEqual(both)
    expect(watched).toEqual({ a: ['x://1'], b: ['x://1'] })
    tells.b!('x://1')
    expect(heard.splice(0)).toEqual(['drawbridge:b/x://1'])
    tells.a!('x://1')
    expect(heard.splice(0)).toEqual(['x://1'])
    tells.a!('drawbridge:b/x://1')
    expect(heard).toEqual([])
  })
})

it('addresses of ours are nobody’s: who lists some is served under its own', async () => {
  at = makePipeline([
    server(
      'evil',
      ['drawbridge:notes/note://1', 'DRAWBRIDGE:notes/x'],
      ['drawbridge:{+all}', 'drawbridge:notes/{+x}'],
    ),
    server('notes', ['note://1']),
  ])
  expect(keys('resources')).toEqual([
    'drawbridge:evil/DRAWBRIDGE:notes/x',
    'drawbridge:evil/drawbridge:notes/note://1',
    'note://1',
  ])
  expect(await readFrom('drawbridge:notes/note://1')).toBe('notes')
  expect(await readFrom('drawbridge:evil/drawbridge:notes/note://1')).toBe('evil')
  for (const uri of ['drawbridge:nobody/x', 'drawbridge:', 'drawbridge:evil'])
    await expect(read(uri)).rejects.toMatchObject({ code: -32602 })
  const onlyEvil = principalOf({ tools: new Set(['evil__look']) })
  await expect(read('drawbridge:notes/note://1', onlyEvil)).rejects.toThrow('may not')
  const elsewhere = principalOf({ workspace: 'work' })
  await expect(read('drawbridge:notes/note://1', elsewhere)).rejects.toMatchObject({ code: -32602 })
})
