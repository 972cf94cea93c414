import { spawnSync } from 'node:child_process'
import { appendFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { cloudEvent, openFixture, quiet } from './testing/open-fixture.ts'
import { WatchedFile } from './watched-file.ts'

let f: ReturnType<typeof openFixture>
let path: string
let watched: WatchedFile
/** What all open files have in common. */
const aFile = await open(import.meta.filename)
const probe = Object.getPrototypeOf(aFile) as FileHandle
await aFile.close()
const watch = () => {
  watched = new WatchedFile({ timeline: f.timeline, redactor: f.redactor, log: quiet, lookEvery: 20 })
  watched.watch(path)
}
beforeEach(() => {
  f = openFixture()
  path = join(f.dir, 'events.jsonl')
})
afterEach(async () => {
  await watched.stop()
  f.close()
})

const line = (title: string) => `${JSON.stringify(cloudEvent(1, { title, id: title }))}\n`
const titles = async () =>
  (await f.timeline.list({ limit: 200, upwards: true }))
    .filter(({ isExample }) => !isExample)
    .map(({ title }) => title)
const soon = (expected: string[]) => expect.poll(titles, { timeout: 5_000 }).toEqual(expected)

it('reads what is added, and waits for the end of a line', async () => {
  watch()
  await expect.poll(() => watched.state()?.problem).toMatch(/not there yet/)
  writeFileSync(path, `\uFEFF${line('one')}\n`)
  await soon(['one'])
  await expect.poll(() => watched.state()).toEqual({ path, problem: null })
  const two = line('two — ünïcode')
  // in the middle of a letter
  const bytes = Buffer.from(two)
  const half = bytes.indexOf(0xc3) + 1
  appendFileSync(path, bytes.subarray(0, half))
  await new Promise((done) => setTimeout(done, 80))
  await soon(['one'])
  appendFileSync(path, bytes.subarray(half))
  await soon(['one', 'two — ünïcode'])
})

it('reads each line once over restarts, and all of them', async () => {
  writeFileSync(path, Array.from({ length: 3_000 }, (_, n) => line(`n${n}`)).join(''))
  watch()
  // stopped in the middle, again and again
  for (let n = 0; n < 5; n += 1) {
    await new Promise((done) => setTimeout(done, 10 + 20 * n))
    await watched.stop()
    f.reopen()
    watch()
  }
  await expect
    .poll(async () => (await f.timeline.list({ limit: 5_000 })).length, { timeout: 15_000 })
    .toBe(3_000)
  appendFileSync(path, line('last'))
  await expect
    .poll(async () => (await f.timeline.list({ limit: 5_000 })).length, { timeout: 5_000 })
    .toBe(3_001)
})

it('keeps what is no event with what is wrong with it, and goes on behind it', async () => {
  f.redactor.add('canary-77')
  // Of a line only the beginning is kept, which ends within the second one.
  f.redactor.add('canary-that-is-cut-in-two')
  const cut = `${'x'.repeat(490)}canary-that-is-cut-in-two`
  writeFileSync(
    path,
    [
      line('first'),
      'not json canary-77\n',
      `${cut}\n`,
      '{"id":1}\n',
      `"${'x'.repeat(300_000)}"\n`,
      '\n',
      line('last'),
    ].join(''),
  )
  watch()
  await soon(['first', 'last'])
  expect(f.timeline.table.refused()).toMatchObject([
    { problem: expect.stringMatching(/larger/) },
    { line: '{"id":1}', problem: expect.stringMatching(/specversion/) },
    { line: expect.stringMatching(/^x{490}/), problem: 'it is not JSON' },
    { offset: line('first').length, problem: 'it is not JSON' },
  ])
  expect(JSON.stringify(f.timeline.table.refused())).not.toContain('canary')
})

it('passes over a line that is too long once, however long it grows, and takes it for another when it is', async () => {
  const length = 6_000_000
  writeFileSync(path, line('first') + 'x'.repeat(length))
  let read = 0
  const { read: really } = probe
  probe.read = async function (this: FileHandle, ...args: Parameters<FileHandle['read']>) {
    const done = await really.apply(this, args)
    read += done.bytesRead
    return done
  } as FileHandle['read']
  try {
    watch()
    await soon(['first'])
    await expect.poll(() => read, { timeout: 5_000 }).toBeGreaterThan(length)
    const once = read
    // Twenty looks and more.
    await new Promise((done) => setTimeout(done, 600))
    expect(read - once).toBeLessThan(length)
    appendFileSync(path, `${'x'.repeat(1_000_000)}\n${line('last')}`)
    await soon(['first', 'last'])
    expect(read - once).toBeLessThan(length)
  } finally {
    probe.read = really
  }
  expect(f.timeline.table.refused()).toMatchObject([
    { offset: line('first').length, problem: expect.stringMatching(/larger/) },
  ])
  writeFileSync(path, 'y'.repeat(length))
  await new Promise((done) => setTimeout(done, 200))
  writeFileSync(path, line('other') + big.repeat(120))
  await soon(['first', 'last', 'other', 'big'])
})

const big = `${JSON.stringify(cloudEvent(1, { title: 'big', id: 'big', data: 'x'.repeat(60_000) }))}\n`

/** Written in place of a line that is too long, while that is passed over. */
it.each([
  ['longer', line('other') + big.repeat(120), ['other', 'big']],
  ['shorter', line('other'), ['other']],
  ['with such a line before it', `${'z'.repeat(300_000)}\n${line('other')}`, ['other']],
  ['with such a line in it', `${line('other')}${'z'.repeat(6_000_000)}`, ['other']],
])('reads what was written over a line that is too long: %s', async (_what, instead, titles) => {
  writeFileSync(path, 'y'.repeat(6_000_000))
  let isWrittenOver = false
  const { read: really } = probe
  probe.read = async function (this: FileHandle, ...args: Parameters<FileHandle['read']>) {
    if (!isWrittenOver && Number((args as unknown[])[3]) > 3_000_000) {
      isWrittenOver = true
      writeFileSync(path, instead)
    }
    return really.apply(this, args)
  } as FileHandle['read']
  try {
    watch()
    await soon(titles)
  } finally {
    probe.read = really
  }
  expect(f.timeline.table.refused()).toHaveLength(instead.startsWith('z') ? 1 : 0)
  appendFileSync(path, `\n${line('second')}`)
  await soon([...titles, 'second'])
})

it('keeps the newest of a file that holds no events, and takes it in small parts', async () => {
  writeFileSync(path, 'x\n'.repeat(3_000))
  watch()
  await expect.poll(() => f.timeline.table.refused()[0]?.offset, { timeout: 10_000 }).toBe(5_998)
  const { n } = f.timeline.table.database.prepare('SELECT count(*) AS n FROM refused_lines').get() as {
    n: number
  }
  expect(n).toBe(1_000)
})

it('begins anew with another file, or one that was emptied, and stores nothing twice', async () => {
  writeFileSync(path, line('one') + line('two'))
  watch()
  await soon(['one', 'two'])
  writeFileSync(path, line('three'))
  await soon(['one', 'two', 'three'])
  renameSync(path, `${path}.1`)
  writeFileSync(path, line('two') + line('four'))
  await soon(['one', 'two', 'three', 'four'])
  // written over in place, and longer than before
  writeFileSync(path, Array.from({ length: 9 }, (_, n) => line(`again-with-more-letters-${n}`)).join(''))
  await expect.poll(async () => (await titles()).length, { timeout: 5_000 }).toBe(13)
})

it.runIf(process.platform !== 'win32')('reads files only: no folder, no pipe, no device', async () => {
  spawnSync('mkfifo', [path])
  watch()
  await expect.poll(() => watched.state()?.problem).toMatch(/cannot be read/)
  rmSync(path)
  for (const odd of ['/dev/zero', f.dir]) {
    watched.watch(odd)
    await expect.poll(() => watched.state()?.problem).toMatch(/cannot be read/)
  }
  watched.watch(null)
  expect(watched.state()).toBeNull()
})
