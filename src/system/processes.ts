import { execFile } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { promisify } from 'node:util'

/** A process of this computer, as the system tells it. */
export interface Process {
  pid: number
  parent: number
  /** The number of the process group it is in. */
  group: number
  /** Its command line, word by word; on macOS as far as spaces tell. */
  words: readonly string[]
  /** The folder it is in; null where the system does not say. */
  folder: string | null
}

const run = promisify(execFile)

/** All processes that can be seen; null where there is no cheap way to know (Windows). */
export async function allProcesses(): Promise<Process[] | null> {
  if (process.platform === 'linux') return fromProc()
  return process.platform === 'darwin' ? fromPs() : null
}

/** `leader` and all that descend from it. */
export function familyOf(all: readonly Process[], leader: number): Process[] {
  const children = Map.groupBy(all, ({ parent }) => parent)
  const family = all.filter(({ pid }) => pid === leader)
  for (const { pid } of family) family.push(...(children.get(pid) ?? []))
  return family
}

/** proc(5). Words and folder are read when they are asked for: most processes are nobody's. */
function fromProc(): Process[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    const stat = textOf(`/proc/${name}/stat`)
    // The name stands in brackets and may hold anything.
    const [state, parent, group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (group === undefined || state === 'Z' || state === 'X') return []
    return {
      pid: Number(name),
      parent: Number(parent),
      group: Number(group),
      get words() {
        return textOf(`/proc/${name}/cmdline`).split('\0').filter(Boolean)
      },
      get folder() {
        try {
          return readlinkSync(`/proc/${name}/cwd`)
        } catch {
          return null
        }
      },
    }
  })
}

async function fromPs(): Promise<Process[]> {
  const { stdout } = await run('/bin/ps', ['-A', '-ww', '-o', 'pid=,ppid=,pgid=,command='], {
    maxBuffer: 16_000_000,
  })
  return stdout.split('\n').flatMap((line) => {
    const [, pid, parent, group, command = ''] = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? []
    if (pid === undefined) return []
    const words = command.split(/\s+/)
    return { pid: Number(pid), parent: Number(parent), group: Number(group), words, folder: null }
  })
}

/** Those of `pids` whose environment holds `NAME=value`; of others nothing is said. */
export async function withVariable(pids: readonly number[], variable: string): Promise<Set<number>> {
  if (process.platform === 'linux')
    return new Set(pids.filter((pid) => `\0${textOf(`/proc/${pid}/environ`)}`.includes(`\0${variable}\0`)))
  if (process.platform !== 'darwin' || pids.length === 0) return new Set()
  const { stdout } = await run('/bin/ps', ['-E', '-ww', '-o', 'pid=,command=', '-p', pids.join(',')], {
    maxBuffer: 16_000_000,
  }).catch(() => ({ stdout: '' }))
  const held = stdout.split('\n').filter((line) => ` ${line} `.includes(` ${variable} `))
  return new Set(held.map((line) => Number.parseInt(line, 10)))
}

/** Empty when it is gone or somebody else's. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
