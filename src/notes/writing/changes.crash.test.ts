import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { afterAll, expect, it } from 'vitest'
import { type Operation, openWriter, treeOf } from '../testing/write-operations.ts'

/** As many as that: WRITE_SEQUENCES=1000 takes some minutes. */
const count = Number(process.env.WRITE_SEQUENCES ?? 25)
/** In memory where that can be had: what a kill leaves is the same there, and nobody waits for a disk. */
const scratch = realpathSync(
  mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'drawbridge-writes-')),
)

/** A program that writes, and the lines that it says. None is lost, however many come at once. */
class Writer {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>
  readonly #lines: AsyncIterator<string>
  readonly #signal: Promise<string | null>

  constructor() {
    const program = join(import.meta.dirname, '../testing/fixture-writer.ts')
    this.#process = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#signal = new Promise((resolve) => this.#process.once('exit', (_code, signal) => resolve(signal)))
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]()
  }

  begin(home: string, operations: Operation[]): void {
    this.#process.stdin.write(`${Buffer.from(JSON.stringify({ home, operations })).toString('base64')}\n`)
  }

  /** Until it said one of these. Throws when it has ended. */
  async heard(...wanted: string[]): Promise<string> {
    for (;;) {
      const { value, done } = await this.#lines.next()
      if (done) throw new Error('The program ended')
      if (wanted.includes(value)) return value
    }
  }

  /** Whether it was still at work. Throws when it has ended by itself. */
  async kill(): Promise<boolean> {
    this.#process.kill('SIGKILL')
    if ((await this.#signal) !== 'SIGKILL') throw new Error('The program ended by itself')
    return this.heard('done').then(
      () => false,
      () => true,
    )
  }
}

/** The next one gets ready while the one before is looked into: to start it takes longer than all the rest. */
let [writer, spare] = [new Writer(), new Writer()]
afterAll(async () => {
  await Promise.all([writer.kill(), spare.kill()])
  rmSync(scratch, { recursive: true, force: true })
})

/** When a program is killed: so many milliseconds after it began one of its operations. */
type Kill = { during: number; after: number }

/** Whether it was killed in the middle of its work. */
async function runProgram(home: string, operations: Operation[], kill: Kill | null): Promise<boolean> {
  writer.begin(home, operations)
  await writer.heard(kill === null ? 'done' : String(kill.during % operations.length))
  if (kill === null) return false
  if (kill.after > 0) await sleep(kill.after)
  const killed = writer
  ;[writer, spare] = [spare, new Writer()]
  return killed.kill()
}

const path = fc
  .constantFrom('a.md', 'b.md', 'Sub/c.md', 'New/Far/d.md', 'g.pdf', 'New/g.pdf')
  .map((one) => `Docs/${one}`)
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.constantFrom('one\n', 'two', 'line\r\nline', 'x'.repeat(20_000), 'y'.repeat(400_000)),
)
const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ do: fc.constantFrom('write', 'append'), path, text }),
  fc.record({ do: fc.constant('edit'), path, oldText: fc.constantFrom('o', 'ne', 'x', '\n'), newText: text }),
  fc.record({ do: fc.constant('move'), path, to: path }),
  fc.record({ do: fc.constant('undo') }),
)
const kill: fc.Arbitrary<Kill> = fc.record({ during: fc.nat(15), after: fc.integer({ min: 0, max: 12 }) })

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
      fc.option(kill, { freq: 3 }),
      fc.boolean(),
      async (operations, kill, atOnce) => {
        const home = mkdtempSync(join(scratch, 'run-'))
        startTree(home)
        const before = treeOf(join(home, 'Docs'))
        if (await runProgram(home, operations, kill)) seen.kills += 1
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
  // Killed in the middle of what they did: the others tell nothing of kills. Of a few sequences chance may make any number.
  const least = count < 200 ? 1 : count / 5
  expect(seen.kills).toBeGreaterThanOrEqual(least)
  expect(seen.undone).toBeGreaterThanOrEqual(least)
}, 3_600_000)
