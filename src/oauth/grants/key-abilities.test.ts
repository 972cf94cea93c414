import { afterAll, beforeAll, expect, it } from 'vitest'
import { openStage, type Stage } from '../testing/stage.ts'

/** Orgonaut's tokens name what they are for: `mcp.access`, or `mcp` as it was called before, and abilities to read. */
let stage: Stage
beforeAll(async () => {
  stage = await openStage({ connectorScopes: () => ['github.read'], serverScopes: () => ['notes.read'] })
})
afterAll(() => stage.close())

let made = 0
const create = (abilities?: string[]) => {
  made += 1
  return stage.server.grants.createKey({
    ...{ name: `key ${made}`, access: 'everything', workspace: 'default' },
    ...(abilities && { abilities }),
  })
}
const scopesOf = async (token: string) => {
  const found = await stage.server.authenticate(`Bearer ${token}`, stage.resource)
  if (!found.ok) throw new Error(found.description)
  return found.principal.scopes && [...found.principal.scopes]
}

it.each([
  [['mcp.access'], ['mcp:use']],
  [['mcp'], ['mcp:use']],
  [
    ['mcp', 'read'],
    ['mcp:use', 'mcp:read'],
  ],
  [
    ['mcp.access', 'github.read', 'notes.read'],
    ['mcp:use', 'github.read', 'notes.read'],
  ],
])('a key of %j has the scopes %j, also after a restart', async (abilities, scopes) => {
  const { token, grant } = create(abilities)
  expect(grant.scopes).toEqual(scopes)
  expect(await scopesOf(token)).toEqual(scopes)
  await stage.restart()
  expect(await scopesOf(token)).toEqual(scopes)
})

it('is not narrowed where nothing is named', async () => {
  const { token, grant } = create()
  expect(grant.scopes).toBeNull()
  expect(await scopesOf(token)).toBeNull()
  expect(await scopesOf(create([]).token)).toBeNull()
})

it('refuses what it does not know, and what would open nothing, and makes no key then', () => {
  const before = stage.server.grants.list().length
  for (const [abilities, code] of [
    [['mcp.access', 'scenarios.read'], 'unknown-scope'],
    [['mcp.access', 'github.write'], 'unknown-scope'],
    [['github.read'], 'ability-missing'],
    [['read'], 'ability-missing'],
    [['__proto__'], 'unknown-scope'],
  ] as const)
    expect(() => create([...abilities]), String(abilities)).toThrow(expect.objectContaining({ code }))
  expect(stage.server.grants.list()).toHaveLength(before)
})

it('tells strangers the scopes of connectors, and not what servers there are', async () => {
  for (const name of ['oauth-protected-resource', 'oauth-authorization-server', 'openid-configuration']) {
    const text = await (await fetch(`${stage.origin}/.well-known/${name}/mcp`)).text()
    expect(text, name).toContain('github.read')
    expect(text, name).not.toContain('notes')
  }
})
