import type { Transport } from '@modelcontextprotocol/client'

export type Raw = Record<string, unknown>

/** A client that looks at nothing: what a server says of itself, over any of the official transports. */
export class DirectClient {
  readonly #transport: Transport
  readonly #waiting = new Map<number, { resolve(result: Raw): void; reject(error: Error): void }>()
  #ids = 0

  private constructor(transport: Transport) {
    this.#transport = transport
    transport.onmessage = (message) => {
      if ('method' in message) return void this.#answer(message as Raw)
      const { id, result, error } = message as { id: number; result?: Raw; error?: { message: string } }
      const asked = this.#waiting.get(id)
      this.#waiting.delete(id)
      if (result) asked?.resolve(result)
      else asked?.reject(new Error(error?.message ?? 'no result'))
    }
  }

  static async connect(transport: Transport): Promise<DirectClient> {
    const client = new DirectClient(transport)
    await transport.start()
    const clientInfo = { name: 'direct', version: '1' }
    // What Drawbridge says that it can do: some servers offer more to whoever can be asked.
    const capabilities = { elicitation: { form: {}, url: {} }, sampling: {} }
    const result = await client.request('initialize', {
      protocolVersion: '2025-11-25',
      capabilities,
      clientInfo,
    })
    transport.setProtocolVersion?.(String(result.protocolVersion))
    await transport.send({ jsonrpc: '2.0', method: 'notifications/initialized' })
    return client
  }

  request(method: string, params: Raw = {}): Promise<Raw> {
    this.#ids += 1
    const id = this.#ids
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#transport.send({ jsonrpc: '2.0', id, method, params }).catch(reject)
    })
  }

  /** All pages; [] from who does not know of it. */
  async list(method: string, field: string): Promise<Raw[]> {
    const all: Raw[] = []
    for (let cursor: unknown; ; ) {
      const page = await this.request(method, cursor === undefined ? {} : { cursor }).catch(() => ({}) as Raw)
      all.push(...((page[field] ?? []) as Raw[]))
      cursor = page.nextCursor
      if (typeof cursor !== 'string') return all
    }
  }

  close(): Promise<void> {
    return this.#transport.close()
  }

  /** Nothing is answered to what servers ask. */
  #answer({ id, method }: Raw): void {
    if (id === undefined) return
    const error = { code: -32601, message: `${method} is not for this client` }
    void this.#transport.send({ jsonrpc: '2.0', id: id as number, error }).catch(() => {})
  }
}
