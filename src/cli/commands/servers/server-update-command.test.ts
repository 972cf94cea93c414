import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startHarness } from '../../testing/harness.ts'

let h: Awaited<ReturnType<typeof startHarness>>
beforeAll(async () => {
  h = await startHarness()
})
afterAll(() => h.stop())
beforeEach(() => h.forget())

describe('server update', () => {
  it('changes only what is said', async () => {
    await h.drawbridge('server', 'add', 'Files', '--', 'npx')
    expect((await h.drawbridge('server', 'update', 'Files')).code).toBe(2)
    await h.drawbridge('server', 'update', 'Files', '--timeout', '60')
    expect(h.last('servers.update')).toEqual({ id: 'srv_0def', timeout: 60_000 })
    const changed = await h.drawbridge('server', 'update', 'files', '--no-prefix')
    expect(h.last('servers.update')).toEqual({ id: 'srv_0def', prefixed: false })
    expect(changed.out).toBe('“Files”: 60 s, tools have their own names.')
    expect((await h.drawbridge('server', 'update', 'files', '--prefix')).out).toContain('files__…')
  })

  it('says whether a server may know who is asking', async () => {
    await h.drawbridge('server', 'add', 'Files', '--', 'npx')
    const on = await h.drawbridge('server', 'set', 'Files', '--client-context', 'on')
    expect(h.last('servers.update')).toEqual({ id: 'srv_0def', passesClientContext: true })
    expect(on.out).toContain('may know who is asking')
    expect((await h.drawbridge('server', 'show', 'Files')).out).toMatch(/Client context +it may know/)
    const off = await h.drawbridge('server', 'update', 'Files', '--client-context', 'off')
    expect(h.last('servers.update')).toEqual({ id: 'srv_0def', passesClientContext: false })
    expect(off.out).not.toContain('who is asking')
    expect((await h.drawbridge('server', 'set', 'Files', '--client-context', 'maybe')).code).toBe(2)
  })

  it('changes what starts a program, and keeps what is not named', async () => {
    const env = ['--env', 'KEY=old', '--env', 'OTHER=1', '--env', 'GONE=1']
    await h.drawbridge('server', 'add', 'Files', ...env, '--', 'npx', '-y', 'files')
    const set = ['--env', 'KEY=new', '--env', 'FROM_HERE', '--unset', 'GONE']
    const changed = await h.drawbridge('server', 'update', 'Files', ...set)
    expect(h.last('servers.edit')).toEqual({
      ...{
        id: 'srv_0def',
        kind: 'stdio',
        name: 'Files',
        command: 'npx',
        args: ['-y', 'files'],
        cwd: '/home/ada',
      },
      env: { OTHER: null, KEY: 'new', FROM_HERE: 'value from here' },
    })
    expect(changed.out).toContain('“Files” is running')
    await h.drawbridge(
      'server',
      'update',
      'Files',
      '--name',
      'My files',
      '--folder',
      'sub',
      '--',
      './new',
      '--env',
    )
    expect(h.last('servers.edit')).toEqual({
      ...{ id: 'srv_0def', kind: 'stdio', name: 'My files', command: './new', args: ['--env'] },
      ...{ cwd: '/home/ada/sub', env: { OTHER: null, KEY: null, FROM_HERE: null } },
    })
    const both = ['--timeout', '90', '--no-prefix', '--unset', 'KEY']
    await h.drawbridge('server', 'update', 'My files', ...both)
    expect(h.last('servers.edit')).toMatchObject({ timeout: 90_000 })
    expect(h.last('servers.update')).toMatchObject({ prefixed: false })
  })

  it('changes where a server is, and refuses what does not fit', async () => {
    const oauth = ['--client-id', 'me', '--client-secret-env', 'FROM_HERE']
    const headers = ['--header', 'X-Tenant: 7', '--header', 'X-Old: 1']
    await h.drawbridge('server', 'add', 'Web', '--url', 'https://a.example/mcp', ...headers, ...oauth)
    const set = ['--url', 'https://a.example/sse', '--sse', '--header', 'x-tenant: 8', '--unset', 'x-old']
    await h.drawbridge('server', 'update', 'Web', ...set)
    expect(h.last('servers.edit')).toEqual({
      ...{ id: 'srv_0def', kind: 'sse', name: 'Web', url: 'https://a.example/sse' },
      ...{ headers: { 'x-tenant': '8' }, oauth: { clientId: 'me', scopes: [] } },
    })
    for (const wrong of [
      ['--env', 'A=1'],
      ['--folder', '/tmp'],
      ['--', 'npx'],
      ['--unset', 'NOBODY'],
    ]) {
      const refused = await h.drawbridge('server', 'update', 'Web', ...wrong)
      expect(refused.code).toBe(2)
      expect(refused.err).toMatch(/has an address|has no “NOBODY”/)
    }
    await h.drawbridge('server', 'add', 'Files', '--', 'npx')
    expect((await h.drawbridge('server', 'update', 'Files', '--url', 'https://a.example')).code).toBe(2)
  })
})
