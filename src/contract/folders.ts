import * as z from 'zod'
import { command, event, nothing, query } from './definition.ts'

/** Why something in a folder is not found. */
export const LeftOut = z.enum([
  'hidden',
  'secret',
  'excluded',
  'link',
  'device',
  'own-data',
  'not-a-document',
  'too-large',
  'too-deep',
  'too-many',
  'too-slow',
  'too-much-memory',
  'damaged',
  'unreadable',
])
export type LeftOut = z.infer<typeof LeftOut>

/** A folder of the user's whose documents assistants may find and read, and change where the user lets them. */
export const Folder = z.object({
  id: z.string(),
  /** As assistants know it: they are not told where it is. */
  name: z.string(),
  path: z.string(),
  /** Names or paths that stay out, as in `.gitignore`. */
  excludes: z.array(z.string()),
  /**
   * `looking`: for what is in it. `reading`: what was found. `missing`: it cannot be read now, as when a disk is not there. `stuck`: what is
   * read cannot be kept, as when there is no room on the disk; tried again by itself.
   */
  state: z.enum(['looking', 'reading', 'ready', 'paused', 'missing', 'stuck']),
  documents: z.number(),
  /** Documents that are still to be read. */
  waiting: z.number(),
  /** Files and folders that stay out. */
  skipped: z.number(),
  /** It cannot be watched: changes are found by looking every minute. */
  isPolled: z.boolean(),
  /** Assistants may write and move documents in it. What they change is kept and can be taken back. */
  isWritable: z.boolean(),
})
export type Folder = z.infer<typeof Folder>

const Id = z.object({ id: z.string() })
const Path = z.string().min(1).max(4_096)
const Excludes = z.array(z.string().trim().min(1).max(200)).max(100)

export const foldersApi = {
  'folders.list': query(nothing, z.array(Folder)),
  /** Lets assistants find what is in it. Reading it goes on in the background. */
  'folders.add': command(
    z.object({
      path: Path,
      excludes: Excludes.default([]),
      writable: z.boolean().default(false),
      /** Nothing of it is read before its owner lets that go on. */
      paused: z.boolean().default(false),
    }),
    Folder,
  ),
  /** What is left out stays as it is. */
  'folders.change': command(
    z.object({
      id: z.string(),
      paused: z.boolean().optional(),
      excludes: Excludes.optional(),
      writable: z.boolean().optional(),
    }),
    Folder,
  ),
  /** Looks again for what is in it, in the background. One that is paused stays as it is. */
  'folders.refresh': command(Id, Folder),
  /** Forgets what was read of it. The folder itself stays as it is. */
  'folders.remove': command(Id, nothing),
  /** What stays out and why, two hundred at a time. */
  'folders.skipped': query(
    z.object({
      id: z.string(),
      reason: LeftOut.nullable().default(null),
      offset: z.number().int().min(0).default(0),
    }),
    z.object({
      reasons: z.array(z.object({ reason: LeftOut, count: z.number() })),
      items: z.array(z.object({ path: z.string(), reason: LeftOut })),
    }),
  ),
  /** The folders in a folder of this computer, to choose one; left out: the user's own. Hidden ones are not among them. */
  'folders.browse': query(
    z.object({ path: Path.optional() }),
    z.object({
      path: z.string(),
      parent: z.string().nullable(),
      folders: z.array(z.object({ name: z.string(), path: z.string() })),
    }),
  ),

  /** Opens the system's own dialog for a folder, where the shell has one; null: it was closed without one. */
  'folders.choose': command(nothing, z.object({ path: z.string().nullable() })),

  'folders.changed': event(z.object({})),
}
