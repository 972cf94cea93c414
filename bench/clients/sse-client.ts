import { type Client, type Endpoint, initializeParams, type Result, resultOf } from './client.ts'
import { createLane } from './lane.ts'

interface Waiting {
  resolve(result: Result): void
  reject(error: Error): void
}

const json = 'content-type: application/json\r\n'

/** HTTP with server-sent events (2024-11-05): questions go out on lanes, answers come back on the one stream. */
export async function openSseClient({ url }: Endpoint, lanes: number): Promise<Client> {
  const stream = createLane(new URL(url))
  const waiting = new Map<number, Waiting>()
  let messages: URL | null = null
  let rest = ''
  let nextId = 0

  const event = (lines: string, opened: (url: URL) => void) => {
    const data = /^data: ?(.*)$/m.exec(lines)?.[1] ?? ''
    if (/^event: ?endpoint$/m.test(lines)) return opened(new URL(data, url))
    const message = JSON.parse(data)
    const asked = waiting.get(message.id)
    if (asked === undefined) return // a notification
    waiting.delete(message.id)
    try {
      asked.resolve(resultOf(message, message.id))
    } catch (error) {
      asked.reject(error as Error)
    }
  }
  messages = await new Promise<URL>((opened, failed) => {
    stream.listen(
      '',
      (text) => {
        rest += text
        for (;;) {
          const end = rest.indexOf('\n\n')
          if (end < 0) return
          const lines = rest.slice(0, end)
          rest = rest.slice(end + 2)
          event(lines, opened)
        }
      },
      () => {
        const gone = new Error('the stream ended')
        for (const one of waiting.values()) one.reject(gone)
        waiting.clear()
        failed(gone)
      },
    )
  })
  const channels = Array.from({ length: lanes }, () => createLane(messages))
  const post = async (lane: number, message: object) => {
    const { status, body } = await channels[lane]!.send('POST', json, JSON.stringify(message))
    if (status !== 202 && status !== 200) throw new Error(`HTTP ${status}: ${body.slice(0, 300)}`)
  }
  const request: Client['request'] = async (lane, method, params) => {
    const id = nextId++
    const answer = new Promise<Result>((resolve, reject) => waiting.set(id, { resolve, reject }))
    const [result] = await Promise.all([answer, post(lane, { jsonrpc: '2.0', id, method, params })])
    return result
  }
  await request(0, 'initialize', initializeParams)
  await post(0, { jsonrpc: '2.0', method: 'notifications/initialized' })
  return {
    request,
    async close() {
      stream.close()
      for (const channel of channels) channel.close()
    },
  }
}
