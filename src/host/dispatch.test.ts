import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import type { Handlers } from '../contract/api.ts'
import { HostError } from '../kernel/errors.ts'
import { silentLog } from '../kernel/log/log.ts'
import { createBroadcast } from './broadcast.ts'
import { createDispatch } from './dispatch.ts'

const some = (handlers: Partial<Handlers>) => createDispatch(handlers as Handlers, silentLog)

describe('the one door', () => {
  it('strips what the contract never named', async () => {
    const dispatch = some({
      'connect.flow': () =>
        ({ client: 'chatgpt', title: 't', edition: 'e', steps: [], done: false, secret: 'canary' }) as never,
    })
    const reply = await dispatch('connect.flow', { client: 'chatgpt' })
    expect(reply.ok).toBe(true)
    expect(JSON.stringify(reply)).not.toContain('canary')
  })

  it('answers a bad input with what is wrong and where', async () => {
    const dispatch = some({ 'connections.approve': () => expect.fail('must not run') })
    const reply = await dispatch('connections.approve', { id: 'x', digits: '12' })
    expect(reply).toMatchObject({
      ok: false,
      error: { code: 'bad-input', message: expect.stringContaining('three digits') },
    })
  })

  it.each(['nonsense', 'status.changed', '__proto__', 'toString', ''])('does not know %j', async (name) => {
    expect(await some({})(name, null)).toMatchObject({ ok: false, error: { code: 'unknown-call' } })
  })

  it('never lets an unexpected error out', async () => {
    const dispatch = some({
      'connections.list': () => {
        throw new Error('canary in /home/someone')
      },
    })
    const reply = await dispatch('connections.list', null)
    expect(reply).toMatchObject({ ok: false, error: { code: 'internal' } })
    expect(JSON.stringify(reply)).not.toContain('canary')
  })

  it('says that the disk is full where SQLite does', async () => {
    const db = new DatabaseSync(':memory:')
    db.exec('PRAGMA max_page_count = 1')
    const dispatch = some({
      'connections.deny': () => void db.exec('CREATE TABLE full (a)'),
      'connections.list': () => void db.exec('SELECT nothing FROM nowhere') as never,
    })
    expect(await dispatch('connections.deny', { id: 'x' })).toMatchObject({ error: { code: 'disk-full' } })
    expect(await dispatch('connections.list', null)).toMatchObject({ error: { code: 'internal' } })
    db.close()
  })

  it('lets a written error through, without its detail', async () => {
    const dispatch = some({
      'connections.deny': () => {
        throw new HostError({
          code: 'gone',
          told: { message: 'It is gone.', hint: 'Ask again.' },
          detail: 'canary',
        })
      },
    })
    expect(await dispatch('connections.deny', { id: 'x' })).toEqual({
      ok: false,
      error: { code: 'gone', message: 'It is gone.', hint: 'Ask again.' },
    })
  })

  it('refuses an answer that breaks the contract', async () => {
    expect(
      await some({ 'connections.list': () => 'wrong' as never })('connections.list', null),
    ).toMatchObject({
      ok: false,
      error: { code: 'internal' },
    })
  })

  it('says how many events had been told when it began, and when it was done', async () => {
    const { tell, on, revision } = createBroadcast(silentLog)
    const told: unknown[] = []
    on((name, _payload, number) => told.push([name, number, revision()]))
    const dispatch = createDispatch(
      {
        'connections.list': () => [],
        'connections.deny': async () => {
          tell('grants.changed', {})
          await Promise.resolve()
          tell('clients.changed', {})
        },
      } as unknown as Handlers,
      silentLog,
      undefined,
      revision,
    )
    expect(await dispatch('connections.list', null)).toEqual({ ok: true, value: [], revision: 0, after: 0 })
    expect(await dispatch('connections.deny', { id: 'x' })).toEqual({ ok: true, revision: 0, after: 2 })
    expect(await dispatch('connections.list', null)).toMatchObject({ revision: 2, after: 2 })
    expect(told).toEqual([
      ['grants.changed', 1, 1],
      ['clients.changed', 2, 2],
    ])
  })
})
