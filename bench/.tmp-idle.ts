import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { nodeFlags } from '../scripts/node-flags.mjs'
import { treeUsage } from './measure/process-tree.ts'
import { prepareOurs } from './subjects/ours.ts'

const [entry, count, tools] = process.argv.slice(2)
const subject = (await prepareOurs(entry, [
  ...nodeFlags,
  '--require',
  '/tmp/mem/probe.cjs',
  ...(process.env.EXTRA ?? '').split(' ').filter(Boolean),
])(
  { kind: 'stdio', count: Number(count), tools: Number(tools), eras: '2025' } as never,
  mkdtempSync(join(tmpdir(), 'idle-')),
)) as any
const { timedStart } = await import('./measure/starting.ts')
const { running, client } = await timedStart(subject, Number(count))
await client.close()
await delay(Number(process.env.SETTLE ?? 33000))
const isUp = (c: string) => /upstream/.test(c)
console.log('rss', /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${running.child.pid}/status`, 'latin1'))![1])
if (process.env.GC) {
  process.kill(running.child.pid, 'SIGUSR2')
  await delay(16000)
}
running.child.kill('SIGTERM')
await delay(1500)
process.exit()
