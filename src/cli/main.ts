#!/usr/bin/env node
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { run } from './run.ts'

// whoever reads us may stop reading (`drawbridge … | head -1`): that is not our failure
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

/** On standard error, so that the question never gets into a result. */
async function confirm(question: string): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const gone = new Promise<string>((resolve) => lines.once('close', () => resolve('')))
    return /^y(es)?$/i.test((await Promise.race([lines.question(question), gone])).trim())
  } finally {
    lines.close()
  }
}

/** Nothing of what is typed is shown. */
async function secret(question: string): Promise<string> {
  process.stderr.write(question)
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true })
  // Ctrl+C, which the terminal hands over as a letter now
  lines.once('SIGINT', () => process.exit(130))
  try {
    const gone = new Promise<string>((resolve) => lines.once('close', () => resolve('')))
    return await Promise.race([lines.question(''), gone])
  } finally {
    lines.close()
    process.stderr.write('\n')
  }
}

const code = await run(process.argv.slice(2), {
  write: (text) => new Promise((resolve) => process.stdout.write(text, (error) => resolve(!error))),
  out: (line) => void process.stdout.write(`${line}\n`),
  err: (line) => void process.stderr.write(`${line}\n`),
  width: process.stdout.isTTY ? process.stdout.columns : undefined,
  env: process.env,
  cwd: process.cwd(),
  ...(!process.stdin.isTTY && { input: () => text(process.stdin) }),
  ...(process.stdin.isTTY && process.stderr.isTTY && { confirm, secret }),
})
process.exitCode = code
// whatever still holds the process after an orderly end (a browser's keep-alive, a child that will not go) does not count
setTimeout(() => process.exit(code), 500).unref()
