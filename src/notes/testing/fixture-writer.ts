/** A program that writes as assistants do, to be killed meanwhile: a home and its operations come in, one to a line, and a line goes out when they are done. */
import { createInterface } from 'node:readline'
import { type Operation, openWriter, perform } from './write-operations.ts'

for await (const line of createInterface({ input: process.stdin })) {
  const { home, operations } = JSON.parse(line) as { home: string; operations: Operation[] }
  const stage = openWriter(home)
  process.stdout.write('begun\n')
  for (const [n, operation] of operations.entries()) await perform(stage.writer, operation, `call_${n}`)
  await stage.changes.stop()
  process.stdout.write('done\n')
}
