import { describe, expect, it } from 'vitest'
import type { LogMessage } from '../../mcp/tool-source.ts'
import type { RpcTransport } from './connection.ts'
import { RpcConnection } from './rpc-connection.ts'

/** A stand-in for a program's pipes: what is written is kept, or fails. */
function pipes(failure: Error | null = null) {
  const logged: unknown[] = []
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
  const hooks = {
    onListChanged() {},
    onResourceUpdated() {},
    onLog: (one: LogMessage) => logged.push(one.data),
  }
  const rpc = new RpcConnection(transport, { name: 'test', version: '1' }, hooks)
  void rpc.start()
  return { rpc, written, logged, answer: (message: object) => transport.onmessage?.(message as never) }
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

describe('an error that does not say to what', () => {
  const nameless = { jsonrpc: '2.0', error: { code: -32700, message: 'Parse error' } }
  const told = 'It answered with an error that does not say to what: Parse error (-32700)'
  const shaken = () => {
    const all = pipes()
    all.rpc.setProtocolVersion('2025-11-25')
    return all
  }

  it('is that of the one request under way, and is in the log', async () => {
    const { rpc, logged, answer } = shaken()
    const asked = rpc.request('tools/call', { name: 'a' }, patient)
    answer({ ...nameless })
    await expect(asked).rejects.toMatchObject({ code: -32700, message: 'Parse error' })
    expect(logged).toEqual([told])
  })

  it('is in the log alone when it may be about another', async () => {
    const { rpc, written, logged, answer } = shaken()
    const both = ['a', 'b'].map((name) => rpc.request('tools/call', { name }, patient))
    answer({ ...nameless })
    expect([rpc.pendingRequests, logged]).toEqual([2, [told]])
    for (const { id } of written) answer({ jsonrpc: '2.0', id, result: {} })
    await Promise.all(both)
  })

  it.each([
    ['ping', {}],
    ['roots/list', {}],
    ['elicitation/create', { message: 'Which?', requestedSchema: { type: 'object' } }],
  ])(
    'is not taken for that of a request when it may be about what %s was answered',
    async (method, params) => {
      const { rpc, written, answer } = shaken()
      const asked = rpc.request('tools/call', { name: 'a' }, patient)
      answer({ jsonrpc: '2.0', id: 1, method, params })
      answer({ ...nameless })
      answer({ jsonrpc: '2.0', id: written[0]!.id, result: { content: [] } })
      await expect(asked).resolves.toEqual({ content: [] })
    },
  )

  it('is not taken for that of a request when some answer what asks for nothing', async () => {
    const { rpc, written, answer } = shaken()
    await rpc.send({ jsonrpc: '2.0', method: 'notifications/initialized' })
    const list = rpc.request('tools/list', {}, patient)
    answer({ ...nameless })
    answer({ jsonrpc: '2.0', id: written[0]!.id, result: { tools: [] } })
    await expect(list).resolves.toEqual({ tools: [] })
    // Now that this is past, there is nothing else again.
    const asked = rpc.request('tools/call', { name: 'a' }, patient)
    answer({ ...nameless })
    await expect(asked).rejects.toThrow('Parse error')
  })

  it('is that of what the handshake asks', async () => {
    const { rpc, answer } = pipes()
    const came: unknown[] = []
    rpc.onmessage = (message) => came.push(message)
    await rpc.send({ jsonrpc: '2.0', id: 'probe', method: 'server/discover' })
    answer({ ...nameless })
    expect(came).toEqual([{ ...nameless, id: 'probe' }])
  })
})
