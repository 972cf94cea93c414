import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { allProcesses, familyOf, type Process } from './processes.ts'

/** What some processes take together now. */
export interface ProcessUse {
  programs: number
  /** Bytes in memory; what several of them share is counted in each. */
  memory: number
  /** 1: one core, all the time. */
  cpu: number
}

/** Of one process: bytes, and milliseconds of processor since it began. */
interface Figures {
  memory: number
  busy: number
}

/** How long is looked at them. Milliseconds. */
const span = 1_000
/** Milliseconds; USER_HZ is 100 on all of Linux that Node runs on. */
const tick = 10
const run = promisify(execFile)

/** For each list of leaders of process groups: what they, their groups and all below them take; null where nobody can say (Windows). Takes a second. */
export async function takenBy(leaders: readonly (readonly number[])[]): Promise<ProcessUse[] | null> {
  const all = await allProcesses()
  if (all === null) return null
  const members = leaders.map((of) => membersOf(all, of))
  const pids = [...new Set(members.flat())]
  if (pids.length === 0) return members.map(() => ({ programs: 0, memory: 0, cpu: 0 }))
  const before = await figuresOf(pids)
  const began = performance.now()
  await sleep(span)
  const now = await figuresOf(pids)
  const took = performance.now() - began
  return members.map((of) => {
    const use: ProcessUse = { programs: 0, memory: 0, cpu: 0 }
    for (const pid of of) {
      const [was, is] = [before.get(pid), now.get(pid)]
      if (was === undefined || is === undefined) continue
      use.programs += 1
      use.memory += is.memory
      use.cpu += Math.max(0, is.busy - was.busy) / took
    }
    return use
  })
}

function membersOf(all: readonly Process[], leaders: readonly number[]): number[] {
  const group = all.filter((one) => leaders.includes(one.group))
  return [...new Set(group.flatMap(({ pid }) => familyOf(all, pid).map((one) => one.pid)))]
}

const figuresOf = (pids: readonly number[]): Promise<Map<number, Figures>> =>
  process.platform === 'linux' ? fromProc(pids) : fromPs(pids)

/** proc(5): fields 14 and 15 of `stat`, and `VmRSS`. One that is gone is left out. */
async function fromProc(pids: readonly number[]): Promise<Map<number, Figures>> {
  const found = new Map<number, Figures>()
  for (const pid of pids) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      const [, kilobytes = '0'] =
        /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
      found.set(pid, {
        memory: Number(kilobytes) * 1_024,
        busy: (Number(fields[11]) + Number(fields[12])) * tick,
      })
    } catch {}
  }
  return found
}

async function fromPs(pids: readonly number[]): Promise<Map<number, Figures>> {
  const columns = 'pid=,rss=,time='
  const { stdout } = await run('/bin/ps', ['-o', columns, '-p', pids.join(',')]).catch(() => ({ stdout: '' }))
  return figuresFromPs(stdout)
}

/** Lines such as `  123   4560   1:02.34`: kilobytes, and minutes and seconds, with days and hours where there are any. */
export function figuresFromPs(text: string): Map<number, Figures> {
  const found = new Map<number, Figures>()
  for (const line of text.split('\n')) {
    const [, pid, kilobytes, days = 0, hours = 0, minutes = 0, seconds] =
      /^\s*(\d+)\s+(\d+)\s+(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+(?:\.\d+)?)\s*$/.exec(line) ?? []
    if (pid === undefined) continue
    const whole = ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds)
    found.set(Number(pid), { memory: Number(kilobytes) * 1_024, busy: whole * 1_000 })
  }
  return found
}
