import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { IndexClient } from './index-client.ts'

let dir: string
let client: IndexClient
afterEach(async () => {
  await client.stop()
  rmSync(dir, { recursive: true, force: true })
})

it('starts a thread that cannot open its database later each time, whoever asks, and in the end by itself', async () => {
  dir = mkdtempSync(join(tmpdir(), 'drawbridge-index-'))
  const file = join(dir, 'folders.db')
  // No file can be opened here, whoever runs the test.
  mkdirSync(join(file, 'x'), { recursive: true })
  const told: unknown[] = []
  const note = (event: string, fields?: object) =>
    event === 'folders.again' && told.push(Object.values(fields!)[0])
  const log = { debug() {}, info() {}, warn: note, error: note }
  const rests = { first: 200, most: 100_000, isWell: 60_000 }
  client = new IndexClient({ file, dataDir: dir }, log, () => {}, rests)
  client.setFolders([])
  const rested = () => told.length
  await expect.poll(rested, { timeout: 20_000 }).toBe(1)
  for (let n = 0; n < 20; n += 1)
    await expect(client.ask('status', undefined)).rejects.toMatchObject({ code: 'folders-unavailable' })
  await expect.poll(rested, { timeout: 20_000 }).toBe(3)
  expect(told).toEqual([200, 400, 800])
  expect(client.isResting).toBe(true)
  rmSync(file, { recursive: true })
  await expect.poll(() => client.ask('status', undefined).catch(() => null), { timeout: 20_000 }).toEqual([])
  expect(client.isResting).toBe(false)
})
