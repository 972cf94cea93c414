import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { expect, it } from 'vitest'
import { createPipelineLimit, endWithSocket } from './pipelined-requests.ts'

const many = 2_000

/** How many requests a server is given of very many that come in one piece. */
async function seen(): Promise<number> {
  let count = 0
  const isTooFarAhead = createPipelineLimit(8)
  const server = createServer((req, res) => {
    count += 1
    if (!isTooFarAhead(req, res)) setTimeout(() => res.end('late'), 1_000).unref()
  })
  server.on('connection', endWithSocket)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write('GET / HTTP/1.1\r\nHost: here\r\n\r\n'.repeat(many))
  await new Promise((resolve) => socket.once('close', resolve))
  server.close()
  return count
}

it('ends a connection with the first request that is too many, and does not read on', async () => {
  expect(await seen()).toBe(10)
})
