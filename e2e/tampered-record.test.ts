import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { chromium } from '@playwright/test'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { chromiumOptions } from '../scripts/chromium.mjs'
import type { ActivityCheck, Call } from '../src/contract/activity.ts'
import { newDataDir, type RunningHost, startHost } from './fixtures/host.ts'

/** The log of a real host, changed behind its back while it is stopped: by one byte of one row. */
const require = createRequire(import.meta.url)
const everything = join(
  require.resolve('@modelcontextprotocol/server-everything/package.json'),
  '../dist/index.js',
)
const dataDir = newDataDir()
const file = join(dataDir, 'activity.db')
let host: RunningHost

/** Bytes of the file, in the place of as many others; also where SQLite left a row that has moved since. */
function replaceInFile(from: string, to: string): void {
  const bytes = readFileSync(file)
  const first = bytes.indexOf(from)
  expect(first, from).toBeGreaterThan(0)
  for (let at = first; at >= 0; at = bytes.indexOf(from, at + 1)) bytes.write(to, at)
  writeFileSync(file, bytes)
}

const check = async () => {
  const { code, stdout } = await host.cli('activity', 'check', '--json')
  return { code, found: JSON.parse(stdout) as ActivityCheck }
}

beforeAll(async () => {
  host = await startHost({ dataDir })
  await host.json('server', 'add', 'Every', '--', process.execPath, everything, 'stdio')
  const { token } = await host.json<{ token: string }>(
    'key',
    'create',
    '--name',
    'T',
    '--access',
    'everything',
  )
  const client = new Client({ name: 'tampered-record', version: '1' })
  await client.connect(
    new StreamableHTTPClientTransport(new URL(host.mcp), {
      requestInit: { headers: { authorization: `Bearer ${token}` } },
    }),
  )
  for (let n = 0; n < 20; n += 1)
    await client.callTool({ name: 'every__echo', arguments: { message: `word-${n}-of-twenty` } })
  await client.close()
  expect(await check()).toMatchObject({
    code: 0,
    found: { rows: 20, changed: [], missing: 0, isMarked: true },
  })
  await host.stop()
  // What SQLite still had beside the file.
  const db = new DatabaseSync(file)
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  db.close()
}, 60_000)
afterAll(() => host?.stop())

it('one changed byte is found, and its row named, on the command line and in the window', {
  timeout: 90_000,
}, async () => {
  const given = '{"message":"word-7-of-twenty"}'
  replaceInFile(given, given.replace('twenty', 'twenti'))
  host = await startHost({ dataDir })
  const calls = await host.json<Call[]>('activity', 'list')
  const row = calls.find((call) => call.arguments.includes('twenti'))
  const { code, found } = await check()
  expect(code).toBe(1)
  expect(found).toEqual({ rows: 20, changed: [row!.id], more: 0, missing: 0, unsealed: 0, isMarked: true })
  const { stdout } = await host.cli('activity', 'check')
  expect(stdout).toContain('1 row was changed or added by something other than Drawbridge.')
  expect(stdout).toContain(`  ${row!.id}`)

  const browser = await chromium.launch(chromiumOptions)
  try {
    const page = await browser.newPage()
    await page.goto(host.ui)
    await page.goto(`${new URL(host.ui).origin}/#/activity`)
    await page.getByRole('button', { name: 'Check the record' }).click()
    await page.getByText('The record is not as Drawbridge wrote it.').waitFor()
    await page.getByRole('button', { name: 'Look at changed row 1' }).click()
    const detail = page.getByRole('complementary', { name: 'The call in full' })
    await detail.getByText('word-7-of-twenti').first().waitFor()
  } finally {
    await browser.close()
  }

  await host.stop()
  replaceInFile(given.replace('twenty', 'twenti'), given)
  host = await startHost({ dataDir })
  expect(await check()).toMatchObject({ code: 0, found: { rows: 20, changed: [] } })
})
