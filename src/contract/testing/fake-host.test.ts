import { describe, expect, it } from 'vitest'
import { api, type CallName } from '../api.ts'
import { Server } from '../servers.ts'
import { FakeHost } from './fake-host.ts'
import { sampleOf } from './sample.ts'

const calls = Object.keys(api).filter((name): name is CallName => 'output' in api[name as CallName])

describe('the fake host', () => {
  it.each(calls)('%s can be answered with a sample that fits', (name) => {
    const { output } = api[name]
    expect(output.safeParse(sampleOf(output)).error).toBeUndefined()
  })

  it('answers every query that needs no id', async () => {
    const host = new FakeHost()
    for (const name of calls.filter(
      (one) => api[one].kind === 'query' && api[one].input.safeParse(undefined).success,
    ))
      expect(await host.dispatch(name, undefined), name).toMatchObject({ ok: true })
  })

  it('answers from a sample where nobody wrote an answer, and as a test wants where it says so', async () => {
    const host = new FakeHost({ answers: { 'servers.check': () => sampleOf(Server, { name: 'mine' }) } })
    expect(await host.dispatch('servers.check', { id: 'x' })).toMatchObject({ value: { name: 'mine' } })
    host.answers['grants.list'] = undefined
    expect(await host.dispatch('grants.list', undefined)).toEqual({ ok: true, value: [] })
    expect(host.called.map(({ name }) => name)).toEqual(['servers.check', 'grants.list'])
  })

  it('lets nothing in or out that the contract does not know', async () => {
    const host = new FakeHost({ answers: { 'tools.list': () => [{ id: 1 }] as never } })
    expect(await host.dispatch('tools.list', undefined)).toMatchObject({ error: { code: 'internal' } })
    expect(await host.dispatch('tools.set', {})).toMatchObject({ error: { code: 'bad-input' } })
    expect(await host.dispatch('status.changed', {})).toMatchObject({ ok: false })
    expect(() => host.tell('connections.asked', {} as never)).toThrow()
  })
})
