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
const found = new Map<string, { held: number; all: number }[]>()
for (let round = 1; round <= 20; round += 1) {
  const path = `Docs/${round}.md`
  const edit = { path, oldText: 'of a long', newText: 'of a LONG', all: true }
  for (const [what, work] of [
    ['write', () => writer.write({ path, text }, by())],
    ['append', () => writer.append({ path, text: 'more' }, by())],
    ['edit', () => writer.edit(edit, by())],
    ['undo', () => changes.undo(`call_${n}`, null)],
  ] as const)
    found.set(what, [...(found.get(what) ?? []), await measured(work)])
}
// On a computer that does other things, too, the least and the median say more than the most.
const at = (some: readonly number[], part: number) =>
  some.toSorted((a, b) => a - b)[Math.floor(part * (some.length - 1))]
console.table(
  Object.fromEntries(
    [...found].map(([what, times]) => {
      const [held, all] = [times.map((one) => one.held), times.map((one) => one.all)]
      return [
        what,
        { least: at(held, 0), median: at(held, 0.5), most: at(held, 1), 'median of all': at(all, 0.5) },
      ]
    }),
  ),
)
await changes.stop()
rmSync(home, { recursive: true })
