import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import fc from 'fast-check'
import { afterAll, expect, it } from 'vitest'
import { type Operation, openWriter, treeOf } from '../testing/write-operations.ts'

/** As many as that: WRITE_SEQUENCES=1000 takes some minutes. */
const count = Number(process.env.WRITE_SEQUENCES ?? 25)
const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'drawbridge-writes-')))

let child: ChildProcessByStdio<Writable, Readable, null> | null = null
let lines: Interface
afterAll(() => {
  child?.kill('SIGKILL')
  rmSync(scratch, { recursive: true, force: true })
})

function writerProgram() {
  if (child === null) {
    const program = join(import.meta.dirname, '../testing/fixture-writer.ts')
    child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] })
    lines = createInterface({ input: child.stdout })
  }
  return child
}

const heard = (wanted: string) =>
  new Promise<void>((resolve, reject) => {
    const program = child!
    const ended = () => reject(new Error('The program ended'))
    program.once('exit', ended)
    lines.on('line', function listen(line) {
      if (line !== wanted) return
      lines.off('line', listen)
      program.off('exit', ended)
      resolve()
    })
  })

/** Killed so many milliseconds after it began; null: left to end. Whether it was killed. */
async function runProgram(
  home: string,
  operations: Operation[],
  killedAfter: number | null,
): Promise<boolean> {
  const program = writerProgram()
  const begun = heard('begun')
  program.stdin.write(`${Buffer.from(JSON.stringify({ home, operations })).toString('base64')}\n`)
  await begun
  if (killedAfter === null) {
    await heard('done')
    return false
  }
  const gone = new Promise((resolve) => program.once('exit', resolve))
  await new Promise((resolve) => setTimeout(resolve, killedAfter))
  program.kill('SIGKILL')
  await gone
  child = null
  return true
}

const path = fc
  .constantFrom('a.md', 'b.md', 'Sub/c.md', 'New/Far/d.md', 'g.pdf', 'New/g.pdf')
  .map((one) => `Docs/${one}`)
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.constantFrom('one\n', 'two', 'line\r\nline', 'x'.repeat(20_000)),
)
const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ do: fc.constantFrom('write', 'append'), path, text }),
  fc.record({ do: fc.constant('edit'), path, oldText: fc.constantFrom('o', 'ne', 'x', '\n'), newText: text }),
  fc.record({ do: fc.constant('move'), path, to: path }),
)

function startTree(home: string): void {
  const docs = join(home, 'Docs')
  mkdirSync(join(docs, 'Sub', 'Deep'), { recursive: true })
  mkdirSync(join(docs, 'Empty'))
  mkdirSync(join(home, 'data'))
  writeFileSync(join(docs, 'a.md'), '\ufeffone\r\nline\r\n')
  writeFileSync(join(docs, 'Sub', 'c.md'), 'one line without an end')
  chmodSync(join(docs, 'Sub', 'c.md'), 0o640)
  writeFileSync(join(docs, 'g.pdf'), Buffer.from([0, 255, 1, 254]))
}

it(`gives back the same tree, byte for byte, after ${count} random sequences with kills`, async () => {
  const seen = { kills: 0, undone: 0, runs: 0 }
  await fc.assert(
    fc.asyncProperty(
      fc.array(operation, { minLength: 3, maxLength: 16, size: 'max' }),
      fc.option(fc.double({ min: 0, max: 250, noNaN: true }), { freq: 3 }),
      fc.boolean(),
      async (operations, killedAfter, atOnce) => {
        const home = mkdtempSync(join(scratch, 'run-'))
        startTree(home)
        const before = treeOf(join(home, 'Docs'))
        if (await runProgram(home, operations, killedAfter)) seen.kills += 1
        const { changes } = openWriter(home)
        if (atOnce) {
          const all = await changes.undoAll({ grantId: 'grant_1', since: 0, until: Date.now() + 1_000 })
          expect(all.filter(({ state }) => state !== 'undone')).toEqual([])
          seen.undone += all.length
        } else
          for (let n = operations.length - 1; n >= 0; n -= 1) {
            if ((await changes.of(`call_${n}`)) === null) continue
            expect(await changes.undo(`call_${n}`, null)).toMatchObject({ state: 'undone' })
            seen.undone += 1
          }
        await changes.stop()
        expect(treeOf(join(home, 'Docs'))).toEqual(before)
        seen.runs += 1
        rmSync(home, { recursive: true })
      },
    ),
    { numRuns: count, endOnFailure: true },
  )
  console.info('sequences', seen)
  expect(seen.kills).toBeGreaterThan(0)
  expect(seen.undone).toBeGreaterThan(count / 5)
}, 3_600_000)
