import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Diagnosis } from '../../contract/doctor.ts'
import type { Status } from '../../contract/status.ts'
import { maxDrafts } from '../../servers/registry/draft-quota.ts'
import { createHost } from '../create-host.ts'
import type { Host } from '../host.ts'

let host: Host
beforeAll(async () => {
  host = await createHost({
    dataDir: mkdtempSync(join(tmpdir(), 'drawbridge-strangers-')),
    shell: 'headless',
    version: '0.0.0-test',
    env: { ...process.env, DRAWBRIDGE_VAULT: 'file' },
    tunnelHost: 'http://127.0.0.1:9',
  })
})
afterAll(() => host.stop())

async function say<T>(name: string, input?: unknown): Promise<T> {
  const reply = await host.dispatch(name, input)
  if (!reply.ok) throw Object.assign(new Error(`${name}: ${JSON.stringify(reply.error)}`), reply.error)
  return reply.value as T
}
const register = async () => {
  const answer = await fetch(new URL('/oauth/register', host.mcpUrl), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ redirect_uris: ['https://stranger.example/cb'] }),
  })
  await answer.arrayBuffer()
  return answer.status
}
const notices = async () => (await say<Status>('status.get')).notices.map(({ message }) => message)

it('status, doctor and the steps say that apps are turned away, and only then', async () => {
  const diagnose = async () =>
    (await say<Diagnosis>('doctor.run', { workspace: 'default', through: 'local' })).findings.find(
      ({ id }) => id === 'registrations',
    )
  expect(await diagnose()).toBeUndefined()
  for (let n = 0; n < 25; n += 1) await register()
  expect(await register()).toBe(429)
  expect(await notices()).toEqual([expect.stringContaining('Too many apps tried to register while nobody')])
  expect(await diagnose()).toMatchObject({
    state: 'warning',
    problem: { code: 'registrations-full', hint: expect.stringContaining('Press Connect') },
  })
  await say('connect.open', { client: 'other' })
  expect(await diagnose()).toBeUndefined()
  expect(await register()).toBe(201)
  for (let n = 0; n < 20; n += 1) await register()
  const flow = await say<object>('connect.flow', { client: 'other' })
  expect(JSON.stringify(flow)).toContain('Too many apps tried to register since you pressed Connect')
  expect(await notices()).toHaveLength(2)
})

it('so many drafts wait at most, also when they come at once', async () => {
  const draft = (n: number) =>
    say('servers.draft', { kind: 'stdio', name: `Draft ${n}`, command: 'true', args: [], env: {} }).then(
      () => 'taken',
      (error: { code: string }) => error.code,
    )
  const said = await Promise.all(Array.from({ length: maxDrafts + 5 }, (_, n) => draft(n)))
  expect(said.filter((one) => one === 'taken')).toHaveLength(maxDrafts)
  expect(said.filter((one) => one !== 'taken')).toEqual(Array(5).fill('too-many-drafts'))
  const [first] = await say<{ id: string }[]>('servers.list')
  await say('servers.remove', { id: first!.id })
  expect(await draft(99)).toBe('taken')
})
