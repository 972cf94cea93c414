import * as z from 'zod'
import { say } from '../../../locales/say.ts'
import type { Workspace } from '../../contract/workspaces.ts'
import type { Clock } from '../../kernel/clock.ts'
import { HostError } from '../../kernel/errors.ts'
import type { Database } from '../../storage/database/database.ts'

/** `sources`: slugs; null: every source. */
export type WorkspaceRow = Pick<Workspace, 'name' | 'title' | 'sources'>

export const defaultWorkspace: WorkspaceRow = {
  name: 'default',
  get title() {
    return say('workspaces.everything')
  },
  sources: null,
}

/**
 * What stands behind `/mcp/` and means something else there: the server's card (SEP-2127). We have none, and whoever asks for
 * one must not find a workspace.
 */
const reserved: ReadonlySet<string> = new Set(['server-card'])

/** Enough for anybody, and few enough to list in one page. */
const most = 50

const Sources = z.array(z.string())

/** The table `workspaces`, kept in memory because every request asks. `default` always exists and is not in it. */
export class Workspaces {
  readonly #db: Database
  readonly #clock: Clock
  readonly #rows = new Map<string, WorkspaceRow>()

  constructor(db: Database, clock: Clock) {
    this.#db = db
    this.#clock = clock
    for (const row of db
      .prepare('SELECT name, title, sources FROM workspaces ORDER BY created_at, name')
      .all()) {
      const { name, title, sources } = row as { name: string; title: string; sources: string }
      this.#rows.set(name, { name, title, sources: Sources.parse(JSON.parse(sources)) })
    }
  }

  names(): string[] {
    return [defaultWorkspace.name, ...this.#rows.keys()]
  }

  list(): WorkspaceRow[] {
    return [defaultWorkspace, ...this.#rows.values()]
  }

  /** Throws HostError `workspace-unknown`. */
  get(name: string): WorkspaceRow {
    const found = name === defaultWorkspace.name ? defaultWorkspace : this.#rows.get(name)
    if (found) return found
    throw new HostError({
      code: 'workspace-unknown',
      params: { name, names: this.names().join(', ') },
    })
  }

  /** Throws HostError `name-reserved`, `name-taken` or `too-many-workspaces`. */
  create(wanted: { name: string; title: string; sources: string[] }): WorkspaceRow {
    this.#checkNew(wanted.name)
    const row = { name: wanted.name, title: wanted.title, sources: [...new Set(wanted.sources)] }
    this.#db
      .prepare('INSERT INTO workspaces (name, title, sources, created_at) VALUES (?, ?, ?, ?)')
      .run(row.name, row.title, JSON.stringify(row.sources), this.#clock.now())
    this.#rows.set(row.name, row)
    return row
  }

  /** Throws HostError `workspace-unknown` or `workspace-fixed`. */
  update(name: string, wanted: { title?: string | undefined; sources?: string[] | undefined }): WorkspaceRow {
    const old = this.#changeable(name)
    const row = {
      name,
      title: wanted.title ?? old.title,
      sources: [...new Set(wanted.sources ?? old.sources ?? [])],
    }
    this.#db
      .prepare('UPDATE workspaces SET title = ?, sources = ? WHERE name = ?')
      .run(row.title, JSON.stringify(row.sources), name)
    this.#rows.set(name, row)
    return row
  }

  /** Throws as `update` does. */
  checkRemovable(name: string): void {
    this.#changeable(name)
  }

  /** Throws as `update` does. */
  remove(name: string): void {
    this.#changeable(name)
    this.#db.prepare('DELETE FROM workspaces WHERE name = ?').run(name)
    this.#rows.delete(name)
  }

  /** Takes a source that is gone out of every workspace. */
  forget(source: string): void {
    for (const row of [...this.#rows.values()].filter((one) => one.sources?.includes(source)))
      this.update(row.name, { sources: row.sources?.filter((one) => one !== source) })
  }

  /** The workspaces that a source belongs to. */
  of(source: string): string[] {
    return [
      defaultWorkspace.name,
      ...[...this.#rows.values()].filter((row) => row.sources?.includes(source)).map((row) => row.name),
    ]
  }

  #changeable(name: string): WorkspaceRow {
    if (name !== defaultWorkspace.name) return this.get(name)
    throw new HostError({
      code: 'workspace-fixed',
    })
  }

  #checkNew(name: string): void {
    if (reserved.has(name))
      throw new HostError({
        code: 'name-reserved',
        params: { name },
      })
    if (name === defaultWorkspace.name || this.#rows.has(name))
      throw new HostError({
        code: 'name-taken',
        says: 'name-taken-workspace',
        params: { name },
      })
    if (this.#rows.size >= most)
      throw new HostError({
        code: 'too-many-workspaces',
        params: { most },
      })
  }
}
