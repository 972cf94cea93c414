import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Log, silentLog } from '../../kernel/log/log.ts'
import type { ToolSource } from '../../mcp/tool-source.ts'
import { isListed } from '../../policy/decide.ts'
import { pinRules } from '../../policy/pin-rules.ts'
import { riskOf } from '../../policy/risk.ts'
import { type Database, openDatabase } from '../../storage/database/database.ts'
import { principalOf, serverOf } from '../testing/fixture-pipeline.ts'
import { createCatalog } from './catalog.ts'
import { createCatalogStores } from './catalog-stores.ts'

let db: Database
let warned: string[]
beforeEach(() => {
  warned = []
  db = openDatabase(join(mkdtempSync(join(tmpdir(), 'drawbridge-names-')), 'x.db'), silentLog).db
})
afterEach(() => db.close())

/** More than is written down of one server. */
const many = 2_500
const log: Log = { ...silentLog, warn: (event) => void warned.push(event) }
/** As a start makes it: what is known is what was written down. */
const start = (...sources: ToolSource[]) => {
  const catalog = createCatalog({
    ...{ riskOf, isListed, pins: { ...pinRules, newVersions: () => 'tell' }, log },
    toolSetting: () => ({ enabled: true }),
    stores: createCatalogStores(db, silentLog),
  })
  catalog.setSources(sources)
  return catalog
}
const server = (slug: string, more: Partial<ToolSource>) =>
  serverOf(slug, {
    kind: 'server',
    serverId: `srv_${slug}`,
    async request(_method, params) {
      return { contents: [{ uri: params.uri, text: slug }] }
    },
    ...more,
  })
const listing = (uris: string[]) => ({ resources: () => uris.map((uri) => ({ uri, name: uri })) })
const prompting = (names: string[]) => ({ prefixed: false, prompts: () => names.map((name) => ({ name })) })
const count = (sql: string) => (db.prepare(`SELECT count(*) AS n FROM ${sql}`).get() as { n: number }).n

describe('a server that wants more names than are written down', () => {
  it.each([
    ['addresses of ours', (n: number) => `drawbridge:x/${n}`],
    ['addresses of others', (n: number) => `note://${n}`],
  ])('gets nobody’s URI by a restart: %s', (_what, uri) => {
    const uris = Array.from({ length: many }, (_, n) => uri(n))
    const notes = server(
      'notes',
      listing([...uris.filter((one) => !one.startsWith('drawbridge:')), 'note://mine']),
    )
    start(server('early', {}), notes)
    const before = start(server('early', listing([])), notes)
    const early = server('early', listing([...uris, 'note://mine']))
    before.setSources([early, notes])
    const owner = (catalog: typeof before) => catalog.resource('note://mine', principalOf())?.source.slug
    expect(owner(before)).toBe('notes')
    expect(owner(start(early, notes)), 'after a restart').toBe('notes')
  })

  it('gets nobody’s prompt', () => {
    const deploy = server('z', prompting(['deploy']))
    const before = start(deploy)
    const early = server('a', prompting([...Array.from({ length: many }, (_, n) => `p.${n}`), 'deploy']))
    before.setSources([early, deploy])
    const owner = (catalog: typeof before) => catalog.prompt('deploy', 'default')?.source.slug
    expect(owner(before)).toBe('z')
    expect(owner(start(early, deploy)), 'after a restart').toBe('z')
  })
})

it('writes down what collides in one go, and one line of it', () => {
  const uris = Array.from({ length: 300 }, (_, n) => `note://${n}`)
  const catalog = start(server('notes', listing(uris)))
  catalog.setSources([server('notes', listing(uris)), server('late', listing(uris))])
  expect(count("known_names WHERE kind = 'resource'")).toBe(300)
  expect(warned.filter((event) => event === 'catalog.set-aside')).toHaveLength(1)
})
