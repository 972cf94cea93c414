import * as z from 'zod'

const Path = z.string().min(1).max(4_000)
/** Where something is on this computer: what other assistants are never told. */
const Place = z.string().describe('Where it is on this computer')

const looks = { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false }
const State = z.object({
  folder: z.string(),
  state: z.string(),
  documents: z.number().describe('Documents that can be found'),
  waiting: z.number().describe('Documents that are still to be read'),
  leftOut: z.number().describe('Files and folders that stay out'),
})

/**
 * For programs on this computer only, whatever a connection was granted: they say where files are, and take files from anywhere. The other
 * names are those of GBrain's guide, whose users may have them in their instructions.
 */
export const localTools = {
  refresh_documents: {
    title: 'Read the folders again',
    description:
      "Looks again through the user's folders, or one of them, for new, changed and removed documents, and waits some seconds until they are read. Changes are found without it; this is for when something was just written, or a disk came back. Only for programs on this computer.",
    input: z.object({
      folder: z
        .string()
        .max(300)
        .optional()
        .describe('Only this one, by its name as list_files gives it; left out: all'),
    }),
    output: z.object({
      folders: z.array(State),
      isDone: z.boolean().describe('False: it goes on in the background'),
    }),
    annotations: looks,
    localOnly: true,
    alsoCalled: ['sync_brain'],
    sentence: 'Looks again for what is in your folders',
  },
  list_files: {
    title: 'List files',
    description:
      "Lists what is in the user's folders, with where it is on this computer: also files of kinds that are not searched, such as pictures. Without a path: the folders. Hidden files, keys, passwords and what the user left out are not listed. Only for programs on this computer.",
    input: z.object({
      path: z.string().max(4_000).default('').describe('Folder and path in it, such as Notes/2026'),
    }),
    output: z.object({
      path: z.string(),
      folders: z.array(
        z.object({
          path: z.string(),
          place: Place,
          isWritable: z.boolean().describe('Files can be copied into it, and notes written'),
        }),
      ),
      files: z.array(
        z.object({
          path: z.string(),
          place: Place,
          size: z.number().describe('In bytes'),
          modified: z.string().describe('ISO 8601'),
          isDocument: z.boolean().describe('Of a kind that is read and searched'),
        }),
      ),
      isPartial: z.boolean().describe('There is more than is listed'),
    }),
    annotations: looks,
    localOnly: true,
    alsoCalled: ['file_list'],
    sentence: 'Lists the files in {path}',
  },
  file_address: {
    title: 'Where a file is',
    description:
      'Says where a document or file of the user is on this computer, as a path and as an address (file://), to open it in another program. Only for programs on this computer.',
    input: z.object({
      path: Path.optional().describe('Folder and path in it, such as Notes/2026/plan.md'),
      id: z.string().min(1).max(100).optional().describe('Or the id that search or list_folder gave'),
    }),
    output: z.object({ path: z.string(), place: Place, url: z.string() }),
    annotations: looks,
    localOnly: true,
    alsoCalled: ['file_url'],
    sentence: 'Says where a file is on your computer',
  },
  upload_file: {
    title: 'Copy a file into a folder',
    description:
      'Copies a document of this computer into one of the folders that the user opened for writing, or writes a text that is given into it. Never over anything that is there; folders on the way are made. Up to 10 MB, of the kinds that are searched: texts, PDF, office documents, mail, calendars, contacts. What is hidden, a key or a password, or lies behind a link is not copied. Only for programs on this computer.',
    input: z.object({
      path: Path.optional().describe('The file, with its whole path on this computer'),
      text: z.string().max(1_000_000).optional().describe('Or all of a text, when there is no file'),
      to: Path.optional().describe(
        'Folder and path in it, such as Notes/2026/scan.pdf; with / at its end: under the name it has. Left out: into the only folder that is open for writing, under the name it has',
      ),
    }),
    output: z.object({
      path: z.string().describe('Folder and path in it'),
      done: z.string().describe('What was done; its owner can take it back'),
    }),
    annotations: {
      readOnlyHint: false,
      destructiveHint: false,
      idempotentHint: false,
      openWorldHint: false,
    },
    localOnly: true,
    alsoCalled: ['file_upload'],
    sentence: 'Copies the file {path} to {to}',
  },
} as const
export type LocalTool = keyof typeof localTools
