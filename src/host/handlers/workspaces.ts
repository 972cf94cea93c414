import * as z from 'zod'
import type { Clock } from '../../kernel/clock.ts'
import { HostError } from '../../kernel/errors.ts'
import type { Database } from '../../storage/database/database.ts'

export interface WorkspaceRow {
  name: string
  title: string
  /** Slugs of sources; null: every source. */
  sources: string[] | null
}

export const defaultWorkspace: WorkspaceRow = { name: 'default', title: 'Everything', sources: null }

/**
 * What stands behind `/mcp/` and means something else there: the server's card (SEP-2127). We have none, and whoever asks for
 * one must not find a workspace.
 */
const reserved: ReadonlySet<string> = new Set(['server-card'])

/** Enough for anybody, and few enough to list in one page. */
const most = 50

const Sources = z.array(z.string())

/** The table `workspaces`, kept in memory because every request asks. `default` always exists and is not in it. */
export function createWorkspaces(db: Database, clock: Clock) {
  const rows = new Map<string, WorkspaceRow>()
  for (const row of db
    .prepare('SELECT name, title, sources FROM workspaces ORDER BY created_at, name')
    .all()) {
    const { name, title, sources } = row as { name: string; title: string; sources: string }
    rows.set(name, { name, title, sources: Sources.parse(JSON.parse(sources)) })
  }
  const insert = db.prepare('INSERT INTO workspaces (name, title, sources, created_at) VALUES (?, ?, ?, ?)')
  const change = db.prepare('UPDATE workspaces SET title = ?, sources = ? WHERE name = ?')
  const remove = db.prepare('DELETE FROM workspaces WHERE name = ?')

  const get = (name: string): WorkspaceRow => {
    const found = name === defaultWorkspace.name ? defaultWorkspace : rows.get(name)
    if (found) return found
    throw new HostError({
      code: 'workspace-unknown',
      message: `There is no workspace called “${name}”.`,
      hint: `Use one of: ${[defaultWorkspace.name, ...rows.keys()].join(', ')}.`,
    })
  }
  const changeable = (name: string): WorkspaceRow => {
    if (name !== defaultWorkspace.name) return get(name)
    throw new HostError({
      code: 'workspace-fixed',
      message: 'The default workspace always has everything.',
      hint: 'Make a workspace of its own for a smaller set of tools.',
    })
  }

  return {
    names: (): string[] => [defaultWorkspace.name, ...rows.keys()],
    list: (): WorkspaceRow[] => [defaultWorkspace, ...rows.values()],
    get,
    create(wanted: { name: string; title: string; sources: string[] }): WorkspaceRow {
      if (reserved.has(wanted.name)) {
        throw new HostError({
          code: 'name-reserved',
          message: `“${wanted.name}” means something else in an address, so no workspace can be called that.`,
          hint: 'Choose another name.',
        })
      }
      if (wanted.name === defaultWorkspace.name || rows.has(wanted.name)) {
        throw new HostError({
          code: 'name-taken',
          message: `There is already a workspace called “${wanted.name}”.`,
          hint: 'Choose another name.',
        })
      }
      if (rows.size >= most) {
        throw new HostError({
          code: 'too-many-workspaces',
          message: `There can be ${most} workspaces at most.`,
          hint: 'Remove one that is not needed any more.',
        })
      }
      const row = { name: wanted.name, title: wanted.title, sources: [...new Set(wanted.sources)] }
      insert.run(row.name, row.title, JSON.stringify(row.sources), clock.now())
      rows.set(row.name, row)
      return row
    },
    update(name: string, wanted: { title?: string; sources?: string[] }): WorkspaceRow {
      const old = changeable(name)
      const row = {
        name,
        title: wanted.title ?? old.title,
        sources: [...new Set(wanted.sources ?? old.sources ?? [])],
      }
      change.run(row.title, JSON.stringify(row.sources), name)
      rows.set(name, row)
      return row
    },
    remove(name: string): void {
      changeable(name)
      remove.run(name)
      rows.delete(name)
    },
    /** Takes a source that is gone out of every workspace. */
    forget(source: string): void {
      for (const row of [...rows.values()].filter((one) => one.sources?.includes(source)))
        this.update(row.name, { sources: row.sources?.filter((one) => one !== source) })
    },
    /** The workspaces that a source belongs to. */
    of: (source: string): string[] => [
      defaultWorkspace.name,
      ...[...rows.values()].filter((row) => row.sources?.includes(source)).map((row) => row.name),
    ],
  }
}
