import * as z from 'zod'

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
