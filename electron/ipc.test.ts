import type { IpcMain, WebContents } from 'electron'
import { describe, expect, it } from 'vitest'
import type { Listen } from '../src/contract/pipe.ts'
import { HostError } from '../src/kernel/errors.ts'
import { callChannel, eventChannel } from './channels.ts'
import { connectIpc, type HostDoor, isOurPage } from './ipc.ts'

const contents = (destroyed = false) => {
  const sent: unknown[][] = []
  const fake = { isDestroyed: () => destroyed, send: (...args: unknown[]) => sent.push(args), sent }
  return fake as unknown as WebContents & { sent: unknown[][] }
}
const frame = (fields: object = {}) =>
  ({ url: 'app://drawbridge/#/tools', origin: 'app://drawbridge', parent: null, ...fields }) as never

describe('whose message it is', () => {
  const ours = contents()
  const cases: [string, boolean, object][] = [
    ['our page', true, { sender: ours, senderFrame: frame() }],
    ['a frame inside our page', false, { sender: ours, senderFrame: frame({ parent: {} }) }],
    ['another window', false, { sender: contents(), senderFrame: frame() }],
    ['a page that navigated away', false, { sender: ours, senderFrame: null }],
    [
      'a foreign page in our window',
      false,
      { sender: ours, senderFrame: frame({ url: 'https://evil.example/', origin: 'https://evil.example' }) },
    ],
    [
      'a look-alike host',
      false,
      {
        sender: ours,
        senderFrame: frame({ url: 'app://drawbridge.evil/', origin: 'app://drawbridge.evil' }),
      },
    ],
    ['an opaque origin at our address', false, { sender: ours, senderFrame: frame({ origin: 'null' }) }],
    ['a file', false, { sender: ours, senderFrame: frame({ url: 'file:///x', origin: 'file://' }) }],
  ]
  it.each(cases)('%s: %s', (_what, expected, event) => expect(isOurPage(event as never, ours)).toBe(expected))

  it('is nobody once the window is gone', () => {
    const gone = contents(true)
    expect(isOurPage({ sender: gone, senderFrame: frame() }, gone)).toBe(false)
    expect(isOurPage({ sender: gone, senderFrame: frame() }, undefined)).toBe(false)
  })
})

describe('the two channels', () => {
  const setUp = (dispatch: HostDoor['dispatch']) => {
    const handlers = new Map<string, (event: unknown, ...args: unknown[]) => Promise<unknown>>()
    const listeners = new Set<Listen>()
    const ours = contents()
    const ipc = {
      handle: (channel: string, handler: never) => handlers.set(channel, handler),
      removeHandler: (channel: string) => handlers.delete(channel),
    } as unknown as IpcMain
    const host: HostDoor = {
      dispatch,
      on: (listen) => {
        listeners.add(listen)
        return () => listeners.delete(listen)
      },
    }
    const end = connectIpc(ipc, host, () => ours)
    const call = (event: object, ...args: unknown[]) => handlers.get(callChannel)!(event, ...args)
    return { call, end, handlers, listeners, ours, event: { sender: ours, senderFrame: frame() } }
  }

  it('passes calls of our page on, and only those', async () => {
    const asked: unknown[] = []
    const { call, event } = setUp(async (...args) => {
      asked.push(args)
      return { ok: true, value: 7 }
    })
    expect(await call(event, 'status.get', { a: 1 })).toEqual({ ok: true, value: 7 })
    const refused = { ok: false, error: { code: 'forbidden' } }
    expect(await call({ ...event, senderFrame: null }, 'bridge.lower')).toMatchObject(refused)
    expect(await call(event, { toString: () => 'bridge.lower' })).toMatchObject(refused)
    expect(asked).toEqual([['status.get', { a: 1 }]])
  })

  it('answers a failure in words, never with a stack', async () => {
    const { call, event } = setUp(async (name) => {
      if (name === 'a')
        throw new HostError({ code: 'c', told: { message: 'm', hint: 'h' }, detail: 'secret' })
      throw new Error('secret')
    })
    expect(await call(event, 'a')).toEqual({ ok: false, error: { code: 'c', message: 'm', hint: 'h' } })
    const other = await call(event, 'b')
    expect(other).toMatchObject({ ok: false, error: { code: 'internal' } })
    expect(JSON.stringify(other)).not.toContain('secret')
  })

  it('forwards events until it is ended', () => {
    const { end, handlers, listeners, ours } = setUp(async () => ({ ok: true, value: 0 }))
    for (const listen of listeners) listen('tools.changed', {})
    for (const listen of listeners) listen('tools.changed', {}, 7)
    expect(ours.sent).toEqual([
      [eventChannel, 'tools.changed', {}],
      [eventChannel, 'tools.changed', {}, 7],
    ])
    end()
    expect([listeners.size, handlers.size]).toEqual([0, 0])
  })
})
