import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { chooseLocale } from '../../../locales/say.ts'
import { listenForCallback } from './callback-listener.ts'

afterEach(() => void chooseLocale('en'))

it('shows a page in the language that it names', async () => {
  const listener = await listenForCallback({ port: 0, state: 'a', finish: async () => true })
  const page = async () => (await fetch(`http://127.0.0.1:${listener.port}/elsewhere`)).text()
  try {
    expect(await page()).toContain('<html lang="en">')
    chooseLocale('en-XA')
    expect(await page()).toMatch(/<html lang="en-XA">.*<h1>\[.*\]<\/h1>/)
  } finally {
    listener.close()
  }
})

it('moves to another port when its own is taken, and says which', async () => {
  const other = createServer()
  other.listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  const came: string[] = []
  const finish = async (params: URLSearchParams) => came.push(params.get('code')!) > 0
  const listener = await listenForCallback({ port, state: 'a', finish })
  try {
    expect(listener.port).not.toBe(port)
    expect(listener.redirectUri).toBe(`http://127.0.0.1:${listener.port}/callback`)
    expect((await fetch(`${listener.redirectUri}?state=a&code=c`)).status).toBe(200)
    expect(came).toEqual(['c'])
  } finally {
    listener.close()
    other.close()
  }
})
