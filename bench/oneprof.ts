import { mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { closedLoad } from './measure/load.ts'
import { percentile } from './measure/statistics.ts'
import { treeUsage } from './measure/process-tree.ts'
import { prepareDirect } from './subjects/direct.ts'
import { prepareOurs } from './subjects/ours.ts'
import { killAll, isUpstream } from './subjects/processes.ts'
const folder = mkdtempSync(join(tmpdir(), 'one-'))
process.on('exit', killAll)
const up = { kind: 'stdio', count: 1, tools: 1, eras: '2025' } as const
const modern = process.env.MODERN === '1'
const all:any[] = []
for (const spec of process.argv.slice(2)) {
  const prepare = spec === 'direct' ? prepareDirect : prepareOurs(spec, ['--cpu-prof','--cpu-prof-dir=/tmp/m/prof','--cpu-prof-interval=200', ...(await import('../scripts/node-flags.mjs')).nodeFlags])
  mkdirSync(join(folder, String(all.length)))
  const subject = await prepare({...up, eras: modern ? 'both' : '2025'}, join(folder, String(all.length)))
  const running = await subject.start()
  all.push({ name: spec, running, client: await (modern ? running.openModern!(8) : running.open(8)), times: [], cpu: 0, tail: [] })
}
for (const a of all) await closedLoad(a.client, { concurrency: 8, milliseconds: 6000, tool: (n) => a.running.tool(0) })
const rounds = Number(process.env.ROUNDS ?? 40)
for (let r = 0; r < rounds; r++) for (const a of all) {
  const before = treeUsage(a.running.child.pid!, isUpstream).gateway.cpu
  const l = await closedLoad(a.client, { concurrency: 1, milliseconds: 250, tool: () => a.running.tool(0) })
  const after = treeUsage(a.running.child.pid!, isUpstream).gateway.cpu
  a.cpu += after - before
  a.times.push(...l.times); a.tail.push(percentile(l.times, 0.5))
}
for (const a of all) { const half = a.tail.sort((x:number,y:number)=>x-y)[a.tail.length>>1]; console.log(a.name.padEnd(60), 'p50', (percentile(a.times, 0.5)*1000).toFixed(0), 'median of p50s', (half*1000).toFixed(0), 'cpu', (a.cpu/a.times.length*1000).toFixed(0), 'n', a.times.length) }
for (const a of all) a.running.child.kill('SIGTERM'); setTimeout(() => process.exit(0), 5000)
