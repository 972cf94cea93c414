import * as z from 'zod'
import { command, nothing, query } from './definition.ts'

export const adminKeyApi = {
  /** The key for programs that use the admin REST interface (`/api/v1`); it opens nothing else. */
  'adminKey.get': query(nothing, z.object({ createdAt: z.number().int().nullable() })),
  /** Replaces an older one. The key is in this answer and nowhere else: it is stored hashed. */
  'adminKey.create': command(nothing, z.object({ key: z.string() })),
  'adminKey.remove': command(nothing, nothing),
}
