import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { Grant } from '../src/contract/access.ts'
import { type InProcess, startInProcess } from './fixtures/in-process.ts'

/** The user's word comes after the assistant stopped waiting. */
let at: InProcess
let token: string
let grant: Grant
beforeAll(async () => {
  at = await startInProcess({ notes: true })
  ;({ token, grant } = await at.ask('keys.create', { name: 'script', access: 'ask' }))
}, 60_000)
afterAll(() => at?.stop())

const call = (text: string, signal?: AbortSignal) =>
  fetch(at.host.mcpUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({
      ...{ jsonrpc: '2.0', id: 1, method: 'tools/call' },
      params: { name: 'notes__add_note', arguments: { text } },
    }),
    ...(signal && { signal }),
  })
const soon = <T>(check: () => T) => vi.waitFor(check, 10_000)
/** Asks, gives up, and waits until the row says so. */
async function giveUp(text: string): Promise<string> {
  const gone = new AbortController()
  const asked = call(text, gone.signal).catch(() => null)
  await soon(async () => expect(await at.ask('approvals.list')).toHaveLength(1))
  gone.abort()
  await asked
  return soon(async () => {
    const [row] = await at.ask('activity.list', {})
    expect(row?.outcome).toBe('pending')
    return row!.id
  })
}
const decide = async (decision: 'once' | 'deny') => {
  const [{ id } = { id: '' }] = await at.ask('approvals.list')
  if (decision === 'deny') return at.ask('approvals.decide', { id, decision })
  const { seen } = await at.ask('approvals.get', { id })
  return at.ask('approvals.decide', { id, decision, seen })
}
const row = (id: string) => at.ask('activity.get', { id })

it('a late yes runs the call then, which is told and written into the row; the same call again gets its result', async () => {
  const told: unknown[] = []
  const stop = at.host.on((name, payload) => name === 'activity.added' && told.push(payload))
  const id = await giveUp('second')
  told.length = 0
  await decide('once')
  await soon(async () => expect(await row(id)).toMatchObject({ outcome: 'answered', decision: 'approved' }))
  const { link: _place, ...ended } = await row(id)
  expect(told).toMatchObject([{ outcome: 'running', decision: 'approved' }, ended])
  stop()
  const again = (await (await call('second')).json()) as { result: { content: { text: string }[] } }
  expect(again.result.content[0]?.text).toBe('first second')
  const rows = await at.ask('activity.list', {})
  expect(
    rows.map(({ id }) => id),
    'one call, one row',
  ).toEqual([id])
})

it('a late no, and no word at all because the key was revoked, close the row too', async () => {
  const denied = await giveUp('third')
  await decide('deny')
  await soon(async () => expect(await row(denied)).toMatchObject({ outcome: 'denied', decision: 'denied' }))
  const ended = await giveUp('fourth')
  await at.ask('grants.revoke', { id: grant.id })
  await soon(async () => expect(await row(ended)).toMatchObject({ outcome: 'cancelled', decision: 'denied' }))
})
