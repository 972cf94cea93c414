import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { type Client, initializeParams, type Result, resultOf } from './client.ts'

/** A server's own standard input and output: nothing lies in between. */
export async function openStdioClient(child: ChildProcess): Promise<Client> {
  const waiting = new Map<number, { resolve(result: Result): void; reject(error: Error): void }>()
  let nextId = 0
  const lines = createInterface({ input: child.stdout! })
  lines.on('line', (line) => {
    const message = JSON.parse(line)
    const asked = waiting.get(message.id)
    waiting.delete(message.id)
    try {
      asked?.resolve(resultOf(message, message.id))
    } catch (error) {
      asked?.reject(error as Error)
    }
  })
  const send = (message: object) => child.stdin!.write(`${JSON.stringify(message)}\n`)
  const request: Client['request'] = (_lane, method, params) =>
    new Promise((resolve, reject) => {
      const id = nextId++
      waiting.set(id, { resolve, reject })
      send({ jsonrpc: '2.0', id, method, params })
    })
  await request(0, 'initialize', initializeParams)
  send({ jsonrpc: '2.0', method: 'notifications/initialized' })
  return {
    request,
    async close() {
      lines.close()
    },
  }
}
