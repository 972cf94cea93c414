import { describe, expect, it } from 'vitest'
import type { RpcTransport } from './connection.ts'
import { RpcConnection } from './rpc-connection.ts'

/** A stand-in for a program's pipes: what is written is kept, or fails. */
function pipes(failure: Error | null = null) {
  const written: { id: number; waiting: number }[] = []
  const transport = {
    start: async () => {},
    close: async () => {},
    send: async () => {},
    write(message: { id: number }) {
      written.push({ id: message.id, waiting: rpc.pendingRequests })
      return failure
    },
  } as unknown as RpcTransport
  const hooks = { onListChanged() {}, onResourceUpdated() {}, onLog() {} }
  const rpc = new RpcConnection(transport, { name: 'test', version: '1' }, hooks)
  void rpc.start()
  return { rpc, written, answer: (message: object) => transport.onmessage?.(message as never) }
}

const patient = { timeout: 5_000 }

describe('a request over pipes', () => {
  it('is written before it is noted, and gets its answer', async () => {
    const { rpc, written, answer } = pipes()
    const asked = rpc.request('tools/call', { name: 'a' }, patient)
    expect(written).toMatchObject([{ waiting: 0 }])
    expect(rpc.pendingRequests).toBe(1)
    answer({ jsonrpc: '2.0', id: written[0]!.id, result: { content: [] } })
    await expect(asked).resolves.toEqual({ content: [] })
    expect(rpc.pendingRequests).toBe(0)
  })

  it('that cannot be written waits for nothing', async () => {
    const { rpc } = pipes(new Error('nobody reads'))
    await expect(rpc.request('tools/call', { name: 'a' }, patient)).rejects.toThrow('nobody reads')
    expect(rpc.pendingRequests).toBe(0)
  })
})
