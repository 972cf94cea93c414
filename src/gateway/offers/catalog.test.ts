/** Long because names, risks, lists and hidden text are checked on the same few sources. */
import type { Tool } from '@modelcontextprotocol/server'
import { describe, expect, it } from 'vitest'
import { withoutHidden } from '../../contract/agreed/visible-text.ts'
import { silentLog } from '../../kernel/log/log.ts'
import type { Principal } from '../../mcp/principal.ts'
import { decide, isListed } from '../../policy/decide.ts'
import { pinRules } from '../../policy/pin-rules.ts'
import { riskOf } from '../../policy/risk.ts'
import { principal, reads, source, text } from '../testing/fixture-gateway.ts'
import { type Catalog, createCatalog } from './catalog.ts'
import { publicNamePattern, publicNames } from './public-names.ts'

const noCall = async () => text('')
type Settings = Record<
  string,
  {
    enabled: boolean
    risk?: 'read' | 'write' | 'destructive'
    riskFor?: string | undefined
    alias?: string | null
  }
>
const toolsOf = (catalog: Catalog, who: Principal, era: 'legacy' | 'modern' = 'modern') =>
  catalog.list(who, 'tools', era).items as unknown as Tool[]
const make = (settings: Settings = {}) =>
  createCatalog({
    riskOf,
    isListed,
    pins: { ...pinRules, newVersions: () => 'tell' },
    toolSetting: (name) => settings[name] ?? { enabled: true },
    log: silentLog,
  })

/** The owner looks at everything that waits, and takes it. */
const takeAll = (catalog: Catalog) =>
  catalog.accept(catalog.all().flatMap(({ id, review }) => (review ? [{ id, seen: review.seen }] : [])))

describe('public names', () => {
  const ask = (slug: string, tool: string, prefixed = true) => ({ slug, tool, prefixed, first: !prefixed })

  it('are the plain ones where these fit', () => {
    expect(publicNames([ask('files', 'read_file'), ask('github', 'get_github_stars', false)])).toEqual([
      'files__read_file',
      'get_github_stars',
    ])
  })

  it('fit every client, differ from one another and do not depend on the order', () => {
    const requests = [
      ask('a', 'b__c'),
      ask('a__b', 'c'),
      ask('x', 'a__b__c', false),
      ask('s', 'get.user'),
      ask('s', 'get_user'),
      ask('s', 'get user'),
      ask('s', 'ünïcode'),
      ask('s', 'tool\u200bname'),
      ask('s', 'toolname'),
      ask('s', ''),
      ask('s', 'long'.repeat(40)),
      ask('s', `${'long'.repeat(40)}er`),
      ...Array.from({ length: 300 }, (_, index) => ask('many', `${'n'.repeat(70)}${index}`)),
    ]
    const names = publicNames(requests)
    for (const name of names) expect(name).toMatch(publicNamePattern)
    expect(new Set(names).size).toBe(names.length)
    expect(names[4]).toBe('s__get_user')
    expect(names[8]).toBe('s__toolname')
    expect(names[2]).toBe('a__b__c')
    expect(publicNames(requests.toReversed()).toReversed()).toEqual(names)
  })

  it('of other tools stay when one is added', () => {
    const before = [ask('s', 'get_user'), ask('s', 'list'), ask('s', 'x'.repeat(80))]
    expect(publicNames([ask('s', 'get.user'), ...before]).slice(1)).toEqual(publicNames(before))
  })
})

describe('hidden text', () => {
  it.each([
    ['\u001b[31mred\u001b[0m', 'red'],
    ['\u001b]8;;http://evil\u0007link\u001b]8;;\u0007', 'link'],
    ['a\u200bb\u200cc\u200dd\ufeffe\u2060f\u00adg', 'abcdefg'],
    ['\u202eevil\u202c \u2066x\u2069', 'evil x'],
    [`ok${[...'ignore'].map((char) => String.fromCodePoint(0xe0000 + char.charCodeAt(0))).join('')}`, 'ok'],
    [`ok${String.fromCodePoint(0xe0100, 0xe0101, 0xfe00)}`, 'ok'],
    ['a\u0000b\u0008c\u009bd', 'abcd'],
    ['line\r\nline\tend\n', 'line\nline\tend\n'],
    ['Grüße 你好 🎉 a\u0301', 'Grüße 你好 🎉 a\u0301'],
  ])('%j becomes %j', (hidden, shown) => {
    expect(withoutHidden(hidden)).toBe(shown)
  })
})

describe('the catalog', () => {
  it.each(['enum', 'const', 'default', 'examples', 'title', 'properties'])(
    'hides nothing in a parameter that is called %s',
    (name) => {
      const parameter = (description: string) => ({
        type: 'object',
        properties: { [name]: { type: 'string', description } },
        $defs: { [name]: { type: 'string', description } },
      })
      const catalog = make()
      catalog.setSources([
        source(
          'files',
          [{ name: 'look', inputSchema: parameter('A\u{e0041}B'), outputSchema: parameter('\u200bC') }],
          noCall,
        ),
      ])
      // What is hidden in it has to be looked at first.
      expect(toolsOf(catalog, principal())).toEqual([])
      takeAll(catalog)
      const [look] = toolsOf(catalog, principal())
      expect(look!.inputSchema).toEqual(parameter('AB'))
      expect(look!.outputSchema).toEqual(parameter('C'))
    },
  )

  it('publishes unknown fields, cleans texts in schemas too, and says all four hints', () => {
    const catalog = make()
    catalog.setSources([
      source(
        'files',
        [
          {
            name: 'look',
            title: 'Lo\u200bok',
            description: 'See\u202e all',
            annotations: reads,
            icons: [{ src: 'data:image/png;base64,AA==' }],
            _meta: { 'ui/resource': 'x' },
            localOnly: false,
            inputSchema: {
              type: 'object',
              properties: { description: { type: 'string', description: 'A\u200bB', enum: ['a\u200bb'] } },
            },
          },
          { name: 'change' },
          { name: 'wipe', annotations: { destructiveHint: true, readOnlyHint: true, idempotentHint: true } },
        ],
        noCall,
      ),
    ])
    takeAll(catalog)
    const [change, look, wipe] = toolsOf(catalog, principal())
    expect(look).toEqual({
      name: 'files__look',
      title: 'Look',
      description: 'See all',
      icons: [{ src: 'data:image/png;base64,AA==' }],
      _meta: { 'ui/resource': 'x', securitySchemes: [{ type: 'oauth2', scopes: ['mcp:use'] }] },
      securitySchemes: [{ type: 'oauth2', scopes: ['mcp:use'] }],
      inputSchema: {
        type: 'object',
        properties: { description: { type: 'string', description: 'AB', enum: ['a\u200bb'] } },
      },
      annotations: {
        readOnlyHint: true,
        destructiveHint: false,
        idempotentHint: true,
        openWorldHint: false,
      },
    })
    expect(change!.annotations).toEqual({
      readOnlyHint: false,
      destructiveHint: false,
      idempotentHint: false,
      openWorldHint: true,
    })
    expect(wipe!.annotations).toMatchObject({
      readOnlyHint: false,
      destructiveHint: true,
      idempotentHint: true,
    })
  })

  it('says itself what a client signs in for, and lets no source say it', () => {
    const settings: Settings = {}
    const catalog = make(settings)
    const greedy = [{ type: 'oauth2', scopes: ['mcp:use', 'mcp:write'] }]
    catalog.setSources([
      source(
        's',
        [
          { name: 'a_read', annotations: reads },
          { name: 'b_write' },
          { name: 'c_wipe', annotations: { destructiveHint: true } },
          { name: 'd_open', annotations: reads, securitySchemes: [{ type: 'noauth' }] },
          {
            name: 'e_greedy',
            annotations: reads,
            _meta: { securitySchemes: greedy, 'drawbridge/scope': 'x', kept: 1 },
          },
        ],
        noCall,
      ),
    ])
    const looking = [{ type: 'oauth2', scopes: ['mcp:use'] }]
    const changing = [{ type: 'oauth2', scopes: ['mcp:use', 'mcp:write'] }]
    const schemes = () =>
      toolsOf(catalog, principal()).map((tool) => (tool as { securitySchemes?: unknown }).securitySchemes)
    expect(schemes()).toEqual([looking, changing, changing, looking, looking])
    const metas = toolsOf(catalog, principal()).map((tool) => tool._meta)
    expect(metas).toEqual([
      { securitySchemes: looking },
      { securitySchemes: changing },
      { securitySchemes: changing },
      { securitySchemes: looking, 'drawbridge/sourceSecuritySchemes': [{ type: 'noauth' }] },
      { securitySchemes: looking, 'drawbridge/sourceSecuritySchemes': greedy, kept: 1 },
    ])
    settings.s__a_read = { enabled: true, risk: 'write' }
    catalog.refresh()
    expect(schemes()[0]).toEqual(changing)
  })

  it('makes a list once for each principal, and anew when anything changed', () => {
    const settings: Settings = {}
    let asked = 0
    const catalog = createCatalog({
      riskOf,
      pins: { ...pinRules, newVersions: () => 'tell' },
      isListed: (facts) => {
        asked += 1
        return isListed(facts)
      },
      toolSetting: (name) => settings[name] ?? { enabled: true },
      log: silentLog,
    })
    const one = source('s', [{ name: 'a', annotations: reads }, { name: 'b' }], noCall)
    const names = (who: ReturnType<typeof principal>) => toolsOf(catalog, who).map((tool) => tool.name)
    catalog.setSources([one])
    const [all, look] = [principal(), principal({ access: 'look' })]
    for (let round = 0; round < 3; round += 1) {
      expect(names(all)).toEqual(['s__a', 's__b'])
      expect(names(look)).toEqual(['s__a'])
    }
    // for two sets of rights: two tools, and whether the source's resources are seen
    expect(asked).toBe(6)
    const other = principal({ grantId: 'grant_2' })
    expect(catalog.list(other, 'tools', 'modern')).toBe(catalog.list(all, 'tools', 'modern'))
    expect(catalog.list(other, 'tools', 'legacy')).toBe(catalog.list(all, 'tools', 'modern'))
    expect(asked).toBe(6)
    settings.s__a = { enabled: false }
    catalog.refresh()
    expect([names(all), names(look)]).toEqual([['s__b'], []])
    one.workspaces = ['default', 'work']
    catalog.setSources([one])
    expect(names(principal({ workspace: 'work' }))).toEqual(['s__b'])
    one.workspaces = ['work']
    // Even before the catalog is told, a call goes by the source as it is.
    expect(catalog.resolve('s__b', 'default')).toBeUndefined()
    catalog.setSources([one])
    expect(names(all)).toEqual([])
  })

  it('says in which workspaces something changed', () => {
    const catalog = make()
    const told: string[][] = []
    catalog.onChanged(({ workspaces }) => told.push([...workspaces].sort()))
    const [a, b] = [
      source('a', [{ name: 'x' }], noCall, { workspaces: ['default', 'a'] }),
      source('b', [{ name: 'x' }], noCall, { workspaces: ['default', 'b'] }),
    ]
    catalog.setSources([a])
    catalog.setSources([a, b])
    catalog.setSources([b, a])
    b.workspaces = ['default', 'a']
    catalog.setSources([a, b])
    catalog.setSources([])
    expect(told).toEqual([
      ['a', 'default'],
      ['b', 'default'],
      ['a', 'b'],
      ['a', 'default'],
    ])
  })

  it("answers a connector's tool by the names it has elsewhere, where no other has them, and no server's", () => {
    const catalog = make()
    const ours = source('own', [{ name: 'where', annotations: reads, alsoCalled: ['file_url'] }], noCall, {
      ...{ kind: 'connector', prefixed: false, workspaces: ['default'] },
    })
    const theirs = source(
      's',
      [{ name: 'x', annotations: reads, alsoCalled: ['file_url', 'file_list'] }],
      noCall,
    )
    catalog.setSources([theirs, ours])
    expect(catalog.resolve('file_url', 'default')?.id).toBe('where')
    expect(catalog.resolve('file_url', 'work')).toBeUndefined()
    expect(catalog.resolve('file_list', 'default')).toBeUndefined()
    expect(JSON.stringify(toolsOf(catalog, principal()))).not.toMatch(/alsoCalled|file_url/)
    const named = source('n', [{ name: 'file_url', annotations: reads }], noCall, { prefixed: false })
    catalog.setSources([theirs, ours, named])
    expect(catalog.resolve('file_url', 'default')?.source.slug).toBe('n')
    catalog.setSources([theirs])
    expect(catalog.resolve('file_url', 'default')).toBeUndefined()
  })

  it('lists in one order, for this grant, this workspace, and only what could be allowed', () => {
    const sources = [
      source('zoo', [{ name: 'b', annotations: reads }, { name: 'a' }], noCall),
      source('abc', [{ name: 'z', annotations: reads }], noCall),
      source('far', [{ name: 'x', annotations: reads }], noCall, { workspaces: ['work'] }),
      source('own', [{ name: 'here', annotations: reads, localOnly: true }], noCall),
    ]
    const names = (catalog: ReturnType<typeof make>, who = principal()) =>
      toolsOf(catalog, who).map((tool) => tool.name)
    const catalog = make({ abc__z: { enabled: true } })
    catalog.setSources(sources)
    expect(names(catalog)).toEqual(['abc__z', 'zoo__a', 'zoo__b'])
    expect(names(catalog, principal({ access: 'look' }))).toEqual(['abc__z', 'zoo__b'])
    expect(names(catalog, principal({ tools: new Set(['zoo__b']) }))).toEqual(['zoo__b'])
    expect(names(catalog, principal({ tools: new Set() }))).toEqual([])
    expect(names(catalog, principal({ workspace: 'work' }))).toEqual(['far__x'])
    expect(names(catalog, principal({ scopes: new Set(['mcp:use', 'mcp:read']) }))).toEqual([
      'abc__z',
      'zoo__b',
    ])
    expect(names(catalog, principal({ scopes: new Set() }))).toEqual([])
    // A server has a scope of its own, as a connector does: for its reads.
    const zooOnly = principal({ scopes: new Set(['mcp:use', 'zoo.read']) })
    expect(names(catalog, zooOnly)).toEqual(['zoo__b'])
    const builtIn = make()
    builtIn.setSources(sources.map((one) => ({ ...one, kind: 'connector' })))
    expect(names(builtIn, zooOnly)).toEqual(['zoo__b'])
    expect(catalog.resolve('far__x', 'default')).toBeUndefined()
    expect(catalog.resolve('far__x', 'work')?.toolName).toBe('x')
    expect(catalog.resolve('__proto__', 'default')).toBeUndefined()
    expect(catalog.all().map((tool) => tool.name)).toEqual([
      'abc__z',
      'far__x',
      'own__here',
      'zoo__a',
      'zoo__b',
    ])
    catalog.setSources(sources.toReversed())
    expect(names(catalog)).toEqual(['abc__z', 'zoo__a', 'zoo__b'])
  })

  it('follows the user: switched off, or another risk', () => {
    const settings: Settings = {}
    const catalog = make(settings)
    let changes = 0
    const stop = catalog.onChanged(() => (changes += 1))
    catalog.setSources([source('s', [{ name: 'a', annotations: reads }, { name: 'b' }], noCall)])
    expect(changes).toBe(1)
    catalog.refresh()
    expect(changes).toBe(1)
    settings.s__a = { enabled: false }
    settings.s__b = { enabled: true, risk: 'read', riskFor: catalog.hashOf('s__b') }
    catalog.refresh()
    expect(changes).toBe(2)
    expect(toolsOf(catalog, principal()).map((tool) => tool.name)).toEqual(['s__b'])
    expect(toolsOf(catalog, principal())[0]!.annotations!.readOnlyHint).toBe(true)
    expect(catalog.all()).toMatchObject([
      { name: 's__a', enabled: false, risk: 'read', openWorld: false, sourceKind: 'server', source: 'S' },
      { name: 's__b', enabled: true, risk: 'read', openWorld: true, sourceId: 's' },
    ])
    stop()
    catalog.setSources([])
    expect(changes).toBe(2)
  })

  it('leaves out tools that would make a client drop the list', () => {
    let deep: object = { type: 'object' }
    for (let depth = 0; depth < 20_000; depth += 1) deep = { type: 'object', properties: { a: deep } }
    const catalog = make()
    catalog.setSources([
      source('s', [], noCall, {
        tools() {
          return [
            { name: 'good', inputSchema: { type: 'object' } },
            { name: 'good', inputSchema: { type: 'object' }, description: 'again' },
            { name: '', inputSchema: { type: 'object' } },
            { name: 'no_schema', inputSchema: 'x' as never },
            { name: 'wrong_root', inputSchema: { type: 'string' } },
            { name: 'number_title', inputSchema: { type: 'object' }, title: 3 as never },
            { name: 'huge', inputSchema: { type: 'object' }, description: 'x'.repeat(300_000) },
            { name: 'deep', inputSchema: deep },
            null as never,
          ]
        },
      }),
    ])
    expect(toolsOf(catalog, principal()).map((tool) => tool.name)).toEqual(['s__good'])
  })

  it('never lists what a decision would deny', () => {
    const catalog = make()
    catalog.setSources([source('s', [{ name: 'r', annotations: reads }, { name: 'w' }], noCall)])
    for (const access of ['look', 'ask', 'everything'] as const)
      for (const scopes of [
        null,
        new Set(['mcp:use']),
        new Set(['mcp:use', 'mcp:read']),
        new Set(['mcp:use', 's.read']),
        new Set<string>(),
      ]) {
        const who = principal({ access, scopes })
        for (const tool of toolsOf(catalog, who)) {
          if (tool.name === 'drawbridge_check') continue
          const { risk, enabled, localOnly } = catalog.resolve(tool.name, 'default')!
          expect(
            decide({
              risk,
              enabled,
              accepted: true,
              localOnly,
              sourceId: 's',
              inGrant: true,
              access,
              scopes,
            }).kind,
          ).not.toBe('deny')
        }
      }
  })
})
