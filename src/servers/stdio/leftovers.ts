import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { errorText } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log/log.ts'
import type { Database } from '../../storage/database/database.ts'
import { allProcesses, familyOf, type Process, withVariable } from '../../system/processes.ts'
import type { StartMark } from './stdio-connection.ts'

/** In the environment of every server and what it starts. By itself it opens nothing and leads nowhere. */
export const markName = 'MCP_SERVER_MARK'
/** Between asking and forcing. Milliseconds. */
const patience = 2_000

export interface Leftovers {
  /** For one start of a server. */
  newMark(): StartMark
  /**
   * Ends what servers of an earlier life of the host left running, after that was killed: who is in a server's process group or below
   * it, and has its mark. Numbers of processes are used again, marks are not. What a server started apart from itself on purpose
   * (the user's browser, say) is left alone, as it is when a server is stopped. Null when there can be none; else resolves with how many groups it were.
   */
  end(): Promise<number> | null
}

/** Table `server_groups`: one row for each start, gone when all of it has ended. */
export function createLeftovers(db: Database, log: Log): Leftovers {
  const insert = db.prepare('INSERT OR REPLACE INTO server_groups (mark, leader) VALUES (?, ?)')
  const remove = db.prepare('DELETE FROM server_groups WHERE mark = ?')
  const earlier = db.prepare('SELECT mark, leader FROM server_groups').all() as {
    mark: string
    leader: number
  }[]
  /** A row that is too many or missing costs a look or a leftover, never a start. */
  const store = (act: () => void) => {
    try {
      act()
    } catch (error) {
      log.warn('servers.mark-not-kept', { error: errorText(error) })
    }
  }
  return {
    newMark() {
      const value = randomBytes(16).toString('hex')
      return {
        variable: { name: markName, value },
        onPid: (pid) => store(() => void insert.run(value, pid)),
        onGone: () => store(() => void remove.run(value)),
      }
    },
    end() {
      const rows = earlier.splice(0)
      return rows.length === 0 ? null : endAll(rows)
    },
  }

  async function endAll(rows: typeof earlier): Promise<number> {
    // One look for all of them: mostly there is nobody.
    const all = await allProcesses().catch(() => undefined)
    // It could not be found out now: the next start knows them still.
    if (all === undefined) return 0
    const groups = new Set(all?.map(({ group }) => group))
    let found = 0
    for (const { mark, leader } of rows) {
      if (groups.has(leader) && (await endGroup(leader, `${markName}=${mark}`))) found += 1
      store(() => void remove.run(mark))
    }
    if (found > 0) log.info('servers.leftovers-ended', { groups: found })
    return found
  }
}

async function endGroup(leader: number, variable: string): Promise<boolean> {
  const first = await membersOf(leader, variable)
  if (first.length === 0) return false
  signal(first, leader, 'SIGTERM')
  for (const end = Date.now() + patience; Date.now() < end; await sleep(50))
    if ((await membersOf(leader, variable)).length === 0) return true
  signal(await membersOf(leader, variable), leader, 'SIGKILL')
  return true
}

/** Those of the group, if one of them has the mark, and whoever below them has it. */
async function membersOf(leader: number, variable: string): Promise<Process[]> {
  const all = await allProcesses().catch(() => null)
  if (all === null) return []
  const group = all.filter((one) => one.group === leader)
  const below = [...new Set(group.flatMap(({ pid }) => familyOf(all, pid)))]
  const marked = await withVariable(
    below.map(({ pid }) => pid),
    variable,
  )
  // Some take their variables away; but a group has one owner for as long as it has a member.
  if (!group.some(({ pid }) => marked.has(pid))) return []
  return below.filter(({ pid, group: of }) => of === leader || marked.has(pid))
}

function signal(members: readonly Process[], leader: number, name: NodeJS.Signals): void {
  for (const { pid, group } of members) kill(group === leader ? -leader : pid, name)
}

function kill(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // It has just ended.
  }
}
