import { expect, it } from 'vitest'
import * as z from 'zod'
import { elsewhereSetting } from '../storage/backup/staged-restore.ts'
import { house, until } from './testing/house.ts'

/** Another computer with the same data: through a real tunnel server, with an answer that is made up where the other one would give it. */
const the = house()
const other = () => Response.json({ name: 'drawbridge', instance: 'instance-2' })

/** A tunnel that begins with a known address; `isThere` says whether somebody else answers at it. */
async function beginAgain(isThere: () => boolean) {
  const before = await the.opened()
  await before.tunnel.stop()
  const tunnel = the.begin({ probeAgain: 50 }, the.service, {
    fetch: (async (url: string, init?: RequestInit) =>
      isThere() ? other() : the.service.fetch(url, init)) as never,
  })
  return { tunnel, origin: before.origin }
}
const isMarked = () => the.settings.get(elsewhereSetting, z.string()) !== undefined

it('a restored Drawbridge opens nothing while another answers at its address, and goes on by itself afterwards', async () => {
  let isThere = true
  const { tunnel, origin } = await beginAgain(() => isThere)
  the.settings.set(elsewhereSetting, 'kitchen-mac')
  tunnel.use('localtunnel')
  expect(await until(tunnel, 'taken')).toMatchObject({
    elsewhere: true,
    origin,
    message: 'Your public address is in use on another computer.',
  })
  expect(await the.status(`${origin}/health`)).not.toBe(200)
  isThere = false
  expect((await until(tunnel, 'ready')).elsewhere).toBeUndefined()
  expect(isMarked()).toBe(false)
})

it('who takes it over does not give way at once', async () => {
  let isThere = true
  const { tunnel } = await beginAgain(() => isThere)
  the.settings.set(elsewhereSetting, 'kitchen-mac')
  tunnel.use('localtunnel')
  await until(tunnel, 'taken')
  tunnel.takeOver()
  expect(isMarked()).toBe(false)
  // the other one still answers for a while
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  expect(isMarked()).toBe(false)
  isThere = false
  await until(tunnel, 'ready')
})

it('who finds another at its own address gives way, and has it again when that one has gone', async () => {
  let isThere = false
  const { tunnel } = await beginAgain(() => isThere)
  await until(tunnel, 'ready')
  isThere = true
  expect(await until(tunnel, 'taken')).toMatchObject({ elsewhere: true })
  expect(isMarked()).toBe(true)
  isThere = false
  await until(tunnel, 'ready')
  expect(isMarked()).toBe(false)
})
