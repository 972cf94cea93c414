import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createSecureContext, type SecureContext } from 'node:tls'
import { expect, it } from 'vitest'
import { createNetworkFetch } from './network-fetch.ts'

it.each<[string, SecureContext | undefined]>([
  ['directly', undefined],
  ['through a dispatcher', createSecureContext()],
])('what is taken back while the system looks for the way is not sent: %s', async (_how, trust) => {
  let arrived = 0
  const server = createServer((_req, res) => {
    arrived += 1
    res.end('yes')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  let isTaken = false
  const taken = new Error('taken back')
  const last = {
    check() {
      if (isTaken) throw taken
    },
  }
  const { fetch, close } = createNetworkFetch({
    async route() {
      await Promise.resolve()
      return { proxy: null, trust }
    },
  })
  expect(await (await fetch(url, {}, last)).text()).toBe('yes')
  const late = fetch(url, {}, last)
  isTaken = true
  await expect(late).rejects.toBe(taken)
  expect(arrived).toBe(1)
  await close()
  server.closeAllConnections()
  server.close()
})
