import * as z from 'zod'
import { say } from '../../../locales/say.ts'
import { api } from '../../contract/api.ts'
import { Folder, LeftOut } from '../../contract/folders.ts'
import { HostError } from '../../kernel/errors.ts'
import { type Ask, parsedBody, RestRefusal, type RestRoute } from './rest-route.ts'

/** By its id, else by its name. Throws RestRefusal 404. */
async function folderOf(ask: Ask, wanted: string): Promise<Folder> {
  const all = await ask('folders.list', undefined)
  const found = all.find((one) => one.id === wanted) ?? all.find((one) => one.name === wanted)
  if (found) return found
  throw new RestRefusal(404, new HostError({ code: 'folder-unknown', says: 'rest-no-folder' }).reply())
}

const { path, excludes } = api['folders.add'].input.shape
const ownersOnly = { error: () => say('input.folderOwnerOnly') }
/** Whether assistants may read and write in a folder is for its owner to say. */
const NewFolder = z.strictObject({
  ...{ path, excludes },
  writable: z.literal(false, ownersOnly).optional(),
  paused: z.literal(true, ownersOnly).optional(),
})
const LeftOuts = api['folders.skipped'].output
const folderAnswer = { status: 200, description: 'The folder as it is now.', schema: Folder } as const

/** The user's folders. Nothing here lets assistants read or write more than their owner lets them. */
export const folderRoutes: readonly RestRoute[] = [
  {
    method: 'get',
    path: '/folders',
    operationId: 'listFolders',
    summary: 'The folders whose documents assistants may find and read',
    answer: {
      status: 200,
      description: 'All of them, with how far each was read.',
      schema: z.object({ folders: z.array(Folder) }),
    },
    errors: [],
    run: async (_request, ask) => ({ folders: await ask('folders.list', undefined) }),
  },
  {
    method: 'post',
    path: '/folders',
    operationId: 'addFolder',
    summary: 'Add a folder, paused',
    description:
      'Nothing of it is read, and assistants find nothing in it, before its owner lets it go on: on the Tools page, or with `drawbridge folder resume`. `excludes`: names or paths that stay out, as in `.gitignore`.',
    body: NewFolder,
    answer: { status: 201, description: 'The folder, paused.', schema: Folder },
    errors: [404, 409],
    async run({ body }, ask) {
      const { path, excludes } = parsedBody(NewFolder, body, 'folder')
      return ask('folders.add', { path, excludes, writable: false, paused: true })
    },
  },
  {
    method: 'delete',
    path: '/folders/{id}',
    operationId: 'removeFolder',
    summary: 'Forget what was read of a folder',
    description: 'The folder itself stays as it is.',
    answer: { status: 204, description: 'It is forgotten.' },
    errors: [404],
    async run({ id }, ask) {
      await ask('folders.remove', { id: (await folderOf(ask, id)).id })
    },
  },
  {
    method: 'get',
    path: '/folders/{id}',
    operationId: 'getFolder',
    summary: 'One folder, and how far it was read',
    answer: folderAnswer,
    errors: [404],
    run: ({ id }, ask) => folderOf(ask, id),
  },
  {
    method: 'get',
    path: '/folders/{id}/left-out',
    operationId: 'getLeftOut',
    summary: 'What of a folder stays out, and why',
    description: 'Two hundred at a time, from `offset` on; with `reason` those of one reason.',
    query: z.object({ reason: LeftOut, offset: z.int().min(0) }).partial(),
    answer: { status: 200, description: 'How many for each reason, and which.', schema: LeftOuts },
    errors: [404],
    async run({ id, query }, ask) {
      const { reason, offset } = query
      return ask('folders.skipped', {
        id: (await folderOf(ask, id)).id,
        ...(reason !== undefined && { reason: reason as LeftOut }),
        ...(offset !== undefined && { offset: Number(offset || Number.NaN) }),
      })
    },
  },
  {
    method: 'post',
    path: '/folders/{id}/refresh',
    operationId: 'refreshFolder',
    summary: 'Look again for what is in a folder, in the background',
    description: 'Changes are found without it. A folder that is paused stays as it is.',
    answer: folderAnswer,
    errors: [404],
    run: async ({ id }, ask) => ask('folders.refresh', { id: (await folderOf(ask, id)).id }),
  },
  {
    method: 'post',
    path: '/folders/{id}/pause',
    operationId: 'pauseFolder',
    summary: 'Read nothing more of a folder',
    description: 'What was read can still be found. Only its owner lets it go on.',
    answer: folderAnswer,
    errors: [404],
    run: async ({ id }, ask) => ask('folders.change', { id: (await folderOf(ask, id)).id, paused: true }),
  },
]
