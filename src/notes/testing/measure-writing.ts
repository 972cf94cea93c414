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

interface Times {
  /** The longest that no other turn came: with waiting for the disk, and for whatever else this computer does. */
  held: number
  /** The most that this thread worked in one turn. */
  worked: number
  all: number
}

/** In milliseconds. */
async function measured(work: () => Promise<unknown>): Promise<Times> {
  const workedSoFar = () => {
    const { user, system } = process.threadCpuUsage()
    return (user + system) / 1_000
  }
  let [held, worked, isOver] = [0, 0, false]
  let last = { at: performance.now(), worked: workedSoFar() }
  const turn = () => {
    const now = { at: performance.now(), worked: workedSoFar() }
    held = Math.max(held, now.at - last.at)
    worked = Math.max(worked, now.worked - last.worked)
    last = now
    if (!isOver) setImmediate(turn)
  }
  setImmediate(turn)
  const began = performance.now()
  await work()
  const all = performance.now() - began
  await new Promise((next) => setImmediate(next))
  isOver = true
  return { held, worked, all }
}

await writer.write({ path: 'Docs/small.md', text: 'x' }, by())
const found = new Map<string, Times[]>()
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
const at = (some: readonly number[], part: number) =>
  Math.round(10 * some.toSorted((a, b) => a - b)[Math.floor(part * (some.length - 1))]!) / 10
const table = [...found].map(([what, times]) => {
  const [held, worked] = [times.map((one) => one.held), times.map((one) => one.worked)]
  const row = { 'held, least': at(held, 0), 'held, median': at(held, 0.5), 'held, most': at(held, 1) }
  return [what, { ...row, 'worked, median': at(worked, 0.5), 'worked, most': at(worked, 1) }] as const
})
console.table(Object.fromEntries(table))
await changes.stop()
rmSync(home, { recursive: true })
