import * as z from 'zod'
import { command, event, nothing, query } from './definition.ts'
import { Name, WorkspaceName } from './names.ts'

/** A named set of sources with a resource URL of its own. `default` has everything and cannot be removed. */
export const Workspace = z.object({
  /** Part of the address: `/mcp/{name}`; `default` is served at `/mcp`. */
  name: z.string(),
  title: z.string(),
  /** `sourceId`s; null means every source. */
  sources: z.array(z.string()).nullable(),
  localUrl: z.string(),
  publicUrl: z.string().nullable(),
})
export type Workspace = z.infer<typeof Workspace>

export const workspacesApi = {
  'workspaces.list': query(nothing, z.array(Workspace)),
  'workspaces.create': command(
    z.object({ name: WorkspaceName, title: Name, sources: z.array(z.string()).max(500) }),
    Workspace,
  ),
  'workspaces.update': command(
    z.object({
      name: WorkspaceName,
      title: Name.optional(),
      sources: z.array(z.string()).max(500).optional(),
    }),
    Workspace,
  ),
  /** Ends every access to it. */
  'workspaces.remove': command(z.object({ name: WorkspaceName }), nothing),

  'workspaces.changed': event(z.object({})),
}
