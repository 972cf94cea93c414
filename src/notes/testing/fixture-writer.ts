/** A program that writes as assistants do, to be killed meanwhile: a home and its operations come in, as base64 of JSON and one to a line (JSON may have signs in it that end a line to readline), and a line goes out before each, its number, and when they are done. */
import { createInterface } from 'node:readline'
import { type Operation, openWriter, perform } from './write-operations.ts'

for await (const line of createInterface({ input: process.stdin })) {
  const { home, operations } = JSON.parse(Buffer.from(line, 'base64').toString()) as {
    home: string
    operations: Operation[]
  }
  const stage = openWriter(home)
  const made: string[] = []
  for (const [n, operation] of operations.entries()) {
    process.stdout.write(`${n}\n`)
    const call = operation.do === 'undo' ? made.pop() : `call_${n}`
    if (call === undefined) continue
    if (operation.do === 'undo') await stage.changes.undo(call, null)
    else if (await perform(stage.writer, operation, call)) made.push(call)
  }
  await stage.changes.stop()
  process.stdout.write('done\n')
}
