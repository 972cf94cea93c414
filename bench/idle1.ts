import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { timedStart } from './measure/starting.ts'
import { prepareOurs } from './subjects/ours.ts'
import { killAll } from './subjects/processes.ts'
const folder = mkdtempSync(join(tmpdir(), 'idle-'))
process.on('exit', killAll)
const flags = (process.env.FLAGS ?? '--max-semi-space-size=16').split(' ')
const all:any[] = []
for (const spec of process.argv.slice(2)) for (let k=0;k<2;k++) {
  mkdirSync(join(folder, String(all.length)))
  const subject = await prepareOurs(spec, flags)({ kind: 'stdio', count: 1, tools: 1, eras: '2025' }, join(folder, String(all.length)))
  const { running, client } = await timedStart(subject, 1)
  all.push({ spec, running, client })
}
for (const { client } of all) await client.close()
const mem = (pid:number) => Object.fromEntries([...readFileSync(`/proc/${pid}/status`,'utf8').matchAll(/(VmRSS|RssAnon|RssFile):\s+(\d+)/g)].map(m=>[m[1],Math.round(Number(m[2])*1.024/1000)]))
for (const s of [4, 30]) { await delay(s*1000); for (const a of all) console.log(s, a.spec.slice(-40), JSON.stringify(mem(a.running.child.pid))) }
process.exit(0)
