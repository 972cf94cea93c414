import * as z from 'zod'

const Path = (what: string) => z.string().min(3).max(4_000).describe(what)
const existing = Path(
  'Its folder and the path in it, as metadata of search results gives them, such as Notes/2026/plan.md',
)
const Text = z.string().max(1_000_000)
const Done = z.object({
  path: z.string(),
  done: z.string().describe('What was done; its owner can take it back'),
})

const writes = { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false }
const changes = { ...writes, destructiveHint: true }

/** Offered once the owner switched writing on for a folder. What they change is kept and can be taken back. */
export const writeTools = {
  write_note: {
    title: 'Write a new note',
    description:
      'Writes a new text (.md, .txt and the like) in one of the folders that the user opened for writing; folders on the way are made. Never writes over anything: edit_note and append_note change what is there.',
    input: z.object({
      path: Path('Folder and path in it, such as Notes/2026/plan.md'),
      text: Text.describe('All of it'),
    }),
    output: Done,
    annotations: writes,
    sentence: 'Writes a new note at {path}',
  },
  edit_note: {
    title: 'Edit a note',
    description:
      'Replaces a passage of a text by another one. The passage must stand in it exactly so, and once, unless all is true.',
    input: z.object({
      path: existing,
      oldText: z.string().min(1).max(1_000_000).describe('The passage, exactly as it stands there'),
      newText: Text.describe('What stands there afterwards; empty: nothing'),
      all: z.boolean().default(false).describe('Wherever it stands'),
    }),
    output: Done,
    annotations: changes,
    sentence: 'Changes a passage in {path}',
  },
  append_note: {
    title: 'Add to a note',
    description: 'Adds lines at the end of a text.',
    input: z.object({ path: existing, text: Text.min(1).describe('What is added, on a line of its own') }),
    output: Done,
    annotations: writes,
    sentence: 'Adds text at the end of {path}',
  },
  move_document: {
    title: 'Move or rename a document',
    description:
      'Gives a document another path in the same folder; folders on the way are made. Never moves it over another one, and its ending stays.',
    input: z.object({ path: existing, to: Path('The new one, with the same folder in front') }),
    output: Done,
    annotations: changes,
    sentence: 'Moves {path} to {to}',
  },
} as const
export type WriteTool = keyof typeof writeTools
