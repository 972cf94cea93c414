import * as z from 'zod'

const Id = z
  .string()
  .min(1)
  .max(100)
  .describe('The id that search, list_folder or another of these tools gave')
const Limit = z.int().min(1).max(50).default(10).describe('At most 50; 10 if left out')
const FolderName = z
  .string()
  .max(300)
  .optional()
  .describe('Only in this folder, by its name as list_folder gives it')

const Facts = z
  .looseObject({
    folder: z.string(),
    path: z.string(),
    kind: z.string(),
    modified: z.string(),
    size: z.number(),
  })
  .describe('Folder, path in it, kind, when it was changed (ISO 8601), size in bytes')
const Named = z.object({ id: z.string(), title: z.string(), url: z.string() })
const Result = Named.extend({
  text: z.string().describe('A part of the document'),
  metadata: Facts,
})
const Results = z.object({ results: z.array(Result) })

/** Texts of documents may have been written by anybody: mails, downloads. */
const reads = { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true }
const lists = { ...reads, openWorldHint: false }

/**
 * `search` and `fetch` have the names and shapes that deep research and company knowledge of ChatGPT look for
 * (developers.openai.com/apps-sdk, "Company knowledge compatibility"): `{results: [{id, title, url}]}` and
 * `{id, title, text, url, metadata}`.
 */
export const folderTools = {
  search: {
    title: 'Search documents',
    description:
      "Searches the user's own documents in the folders they chose: notes, PDFs, office files, mail, calendars, contacts. Finds words in any form and as parts of longer words, in every language; titles and paths weigh most. Returns ids for fetch and read_document.",
    input: z.object({
      query: z.string().min(1).max(2_000).describe('Words to look for, or a question'),
      limit: Limit,
      folder: FolderName,
    }),
    output: Results,
    annotations: reads,
    sentence: 'Searches your documents for {query}',
  },
  fetch: {
    title: 'Fetch a document',
    description:
      "Returns the text of one of the user's documents by the id that search gave. Long documents are cut, and metadata says so: read_document gives them by page or section.",
    input: z.object({ id: Id }),
    output: Named.extend({ text: z.string(), metadata: Facts }),
    annotations: reads,
    sentence: 'Reads the document {id}',
  },
  list_folder: {
    title: 'List a folder',
    description:
      'Lists folders and documents. Without a path: the folders the user chose; with one such as "Notes/2026": what is in it.',
    input: z.object({ path: z.string().max(4_000).default('').describe('Folder and path in it, with /') }),
    output: z.object({
      path: z.string(),
      folders: z.array(z.string()),
      documents: z.array(Named.extend({ metadata: Facts })),
      isPartial: z.boolean(),
    }),
    annotations: lists,
    sentence: 'Lists the folder {path}',
  },
  read_document: {
    title: 'Read part of a document',
    description:
      'Returns one page or section of a document, with the list of all of them. A section that is longer than one answer goes on at nextOffset.',
    input: z.object({
      id: Id,
      section: z.int().min(1).max(100_000).default(1).describe('Which page or section, from 1'),
      offset: z
        .int()
        .min(0)
        .max(10_000_000)
        .default(0)
        .describe('Where to begin in it: nextOffset of the answer before'),
    }),
    output: Named.extend({
      section: z.number(),
      sections: z.number(),
      label: z.string(),
      text: z.string(),
      nextOffset: z.number().nullable(),
      contents: z.array(z.string()),
      metadata: Facts,
    }),
    annotations: reads,
    sentence: 'Reads part {section} of the document {id}',
  },
  recent_documents: {
    title: 'Recent documents',
    description: 'The documents that were changed last, newest first.',
    input: z.object({ limit: Limit, folder: FolderName }),
    output: Results,
    annotations: reads,
    sentence: 'Looks at the documents that were changed last',
  },
  related_documents: {
    title: 'Related documents',
    description:
      'Documents that one links to, that share rare words with it, or that lie in the same folder.',
    input: z.object({ id: Id, limit: Limit }),
    output: z.object({ results: z.array(Result.extend({ why: z.string() })) }),
    annotations: reads,
    sentence: 'Looks for documents related to {id}',
  },
} as const
export type FolderTool = keyof typeof folderTools
