// What a program and everything it started use, as the kernel counts it (proc(5)). Linux only.
import { readdirSync, readFileSync } from 'node:fs'

/** One tick of utime and stime: USER_HZ, 100 a second on every Linux there is. */
const microsecondsPerTick = 10_000

interface Usage {
  /** User and system time so far, in microseconds, in steps of 10,000; of processes that still run. */
  cpu: number
  /** Resident memory, in bytes. */
  memory: number
}

export interface TreeUsage {
  gateway: Usage
  /** Of processes in the tree that are upstream servers. */
  upstream: Usage
  /** How many upstream servers run. */
  upstreams: number
}

interface Process {
  pid: number
  parent: number
  cpu: number
}

/** `pid` and its descendants; those whose command line `isUpstream` are counted apart. */
export function treeUsage(pid: number, isUpstream: (commandLine: string) => boolean): TreeUsage {
  const children = new Map<number, Process[]>()
  let top: Process | null = null
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const process = readProcess(Number(name))
    if (process === null) continue
    if (process.pid === pid) top = process
    const siblings = children.get(process.parent)
    if (siblings) siblings.push(process)
    else children.set(process.parent, [process])
  }
  if (top === null) throw new Error(`process ${pid} is gone`)
  const usage: TreeUsage = {
    gateway: { cpu: 0, memory: 0 },
    upstream: { cpu: 0, memory: 0 },
    upstreams: 0,
  }
  const visit = (process: Process) => {
    const apart = process.pid !== pid && isUpstream(commandLine(process.pid))
    const sum = apart ? usage.upstream : usage.gateway
    if (apart) usage.upstreams++
    sum.cpu += process.cpu
    sum.memory += memoryOf(process.pid)
    for (const child of children.get(process.pid) ?? []) visit(child)
  }
  visit(top)
  return usage
}

/** Null when it ended meanwhile. */
function readProcess(pid: number): Process | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // the name in parentheses may contain anything, so fields are counted from its end
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const ticks = Number(fields[11]) + Number(fields[12])
    return { pid, parent: Number(fields[1]), cpu: ticks * microsecondsPerTick }
  } catch {
    return null
  }
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return ''
  }
}

function memoryOf(pid: number): number {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))
    return Number(kilobytes?.[1] ?? 0) * 1024
  } catch {
    return 0
  }
}
