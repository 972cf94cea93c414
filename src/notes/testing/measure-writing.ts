/**
 * How long writing a note of 1 MB holds the thread at a time, and how long it takes in all, on a disk:
 *
 *   node src/notes/testing/measure-writing.ts [FOLDER]
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openWriter } from './write-operations.ts'

const home = mkdtempSync(join(process.argv[2] ?? tmpdir(), 'drawbridge-measure-'))
for (const name of ['Docs', 'data']) mkdirSync(join(home, name))
const { changes, writer } = openWriter(home)
const text = 'A line of a long note, with an ü in it.\n'.repeat(24_000)
let n = 0
const by = () => ({ row: `call_${++n}`, principal: { grantId: 'g', clientName: 'ChatGPT' } })

/** Milliseconds: the longest that no other turn came, and all of it. */
async function measured(work: () => Promise<unknown>): Promise<{ held: number; all: number }> {
  let [held, isOver, last] = [0, false, performance.now()]
  const turn = () => {
    const now = performance.now()
    held = Math.max(held, now - last)
    last = now
    if (!isOver) setImmediate(turn)
  }
  setImmediate(turn)
  const began = performance.now()
  await work()
  const all = performance.now() - began
  await new Promise((next) => setImmediate(next))
  isOver = true
  return { held: Math.round(held * 10) / 10, all: Math.round(all) }
}

await writer.write({ path: 'Docs/small.md', text: 'x' }, by())
const rows: Record<string, { held: number; all: number }> = {}
for (let round = 1; round <= 5; round += 1) {
  const path = `Docs/${round}.md`
  const edit = { path, oldText: 'of a long', newText: 'of a LONG', all: true }
  rows[`write ${round}`] = await measured(() => writer.write({ path, text }, by()))
  rows[`append ${round}`] = await measured(() => writer.append({ path, text: 'more' }, by()))
  rows[`edit ${round}`] = await measured(() => writer.edit(edit, by()))
  rows[`undo ${round}`] = await measured(() => changes.undo(`call_${n}`, null))
}
console.table(rows)
const worst = Math.max(...Object.values(rows).map(({ held }) => held))
console.info(`held at most ${worst} ms`)
await changes.stop()
rmSync(home, { recursive: true })
