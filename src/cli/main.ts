#!/usr/bin/env node
import { run } from './run.ts'

// whoever reads us may stop reading (`drawbridge … | head -1`): that is not our failure
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

const code = await run(process.argv.slice(2), {
  out: (line) => void process.stdout.write(`${line}\n`),
  err: (line) => void process.stderr.write(`${line}\n`),
  width: process.stdout.isTTY ? process.stdout.columns : undefined,
  env: process.env,
  cwd: process.cwd(),
})
process.exitCode = code
// whatever still holds the process after an orderly end (a browser's keep-alive, a child that will not go) does not count
setTimeout(() => process.exit(code), 500).unref()
