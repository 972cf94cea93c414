import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createHost } from './create-host.ts'

const uncaught: unknown[] = []
const note = (error: unknown) => void uncaught.push(error)
beforeAll(() => void process.on('uncaughtException', note))
afterAll(() => void process.off('uncaughtException', note))

it('stops in the middle of what is going on, without a word from rooms that are closed', async () => {
  for (let round = 0; round < 5; round += 1) {
    const host = await createHost({
      dataDir: mkdtempSync(join(tmpdir(), 'drawbridge-stop-')),
      shell: 'headless',
      version: '0.0.0-test',
      env: { ...process.env, DRAWBRIDGE_VAULT: 'file' },
      tunnelHost: 'http://127.0.0.1:9',
    })
    let told = 0
    host.on((name) => {
      if (name === 'status.changed') told += 1
    })
    await host.dispatch('connect.open', { client: 'chatgpt' })
    await host.dispatch('bridge.raise', null)
    // What was just changed is about to be told when the database closes.
    void host.dispatch('bridge.lower', null)
    await host.stop()
    const before = told
    await new Promise((done) => setTimeout(done, 50))
    expect(told).toBe(before)
  }
  expect(uncaught).toEqual([])
})
