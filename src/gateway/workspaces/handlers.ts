import type { HandlersOf } from '../../contract/definition.ts'
import type { Workspace, workspacesApi } from '../../contract/workspaces.ts'
import { doAll, HostError } from '../../kernel/errors.ts'
import type { WorkspaceRow, Workspaces } from './workspaces.ts'

interface WorkspaceParts {
  workspaces: Workspaces
  /** The resource of a workspace, for programs on this computer and for the outside. */
  addressOf(workspace: string): { localUrl: string; publicUrl: string | null }
  /** Short names of everything that could be in a workspace. */
  sources(): readonly string[]
  /** Ends every access to it. */
  revoke(workspace: string): void
  changed(): void
}

export function workspaceHandlers(parts: WorkspaceParts): HandlersOf<typeof workspacesApi> {
  const { workspaces } = parts
  const show = (row: WorkspaceRow): Workspace => ({ ...row, ...parts.addressOf(row.name) })
  const changed = (row: WorkspaceRow): Workspace => {
    parts.changed()
    return show(row)
  }
  /** A short name that is nobody's now would be that of whatever comes later. */
  const checkSources = (wanted: readonly string[] = []): void => {
    const known = new Set(parts.sources())
    const unknown = wanted.find((slug) => !known.has(slug))
    if (unknown === undefined) return
    throw new HostError({
      code: 'source-unknown',
      params: { unknown },
    })
  }

  return {
    'workspaces.list': () => workspaces.list().map(show),
    'workspaces.create': (wanted) => {
      checkSources(wanted.sources)
      return changed(workspaces.create(wanted))
    },
    'workspaces.update': ({ name, ...wanted }) => {
      checkSources(wanted.sources)
      return changed(workspaces.update(name, wanted))
    },
    'workspaces.remove': ({ name }) => {
      workspaces.checkRemovable(name)
      // Access first: where the rest cannot be written, the workspace is there still and opens nothing.
      doAll(
        () => parts.revoke(name),
        () => workspaces.remove(name),
        () => parts.changed(),
      )
    },
  }
}
