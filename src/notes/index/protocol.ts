/** What the host and the thread of the index say to one another. */
import type { LeftOut } from '../../contract/folders.ts'

/** A folder of the user's, as the index needs to know it. */
export interface IndexedFolder {
  id: string
  /** As assistants know it, and unique. */
  name: string
  /** Without links in it. */
  path: string
  excludes: readonly string[]
  isPaused: boolean
}

/** `missing`: it cannot be read now, as when a disk is not there. `stuck`: what is read cannot be kept, as on a full disk. */
export type FolderState = 'looking' | 'reading' | 'ready' | 'paused' | 'missing' | 'stuck'

export interface FolderStatus {
  id: string
  state: FolderState
  documents: number
  waiting: number
  skipped: number
  /** There are more folders than the system lets us watch: changes are found by looking every minute. */
  isPolled: boolean
}

export interface Hit {
  id: string
  title: string
  url: string
  /** Where the words are. */
  text: string
  metadata: DocumentFacts
}

export interface DocumentFacts {
  folder: string
  path: string
  kind: string
  /** ISO 8601. */
  modified: string
  size: number
  [more: string]: unknown
}

export interface SectionShown {
  id: string
  title: string
  url: string
  section: number
  sections: number
  label: string
  text: string
  /** Where the rest of this section begins; null: there is none. */
  nextOffset: number | null
  /** The labels of all sections, at most 200. */
  contents: readonly string[]
  metadata: DocumentFacts
}

export interface Listing {
  path: string
  folders: readonly string[]
  documents: readonly Omit<Hit, 'text'>[]
  isPartial: boolean
}

/** Every question that can be put to the index, and its answer. */
export interface Questions {
  folders: (folders: readonly IndexedFolder[]) => void
  /** Looks again for what is in a folder, or in all (null). Answered before that is done, which the status tells. */
  look: (asked: { folder: string | null }) => void
  status: () => readonly FolderStatus[]
  skipped: (asked: { folder: string; reason: string | null; offset: number }) => {
    reasons: readonly { reason: LeftOut; n: number }[]
    items: readonly { path: string; reason: LeftOut }[]
  }
  search: (asked: { query: string; limit: number; folder: string | null }) => readonly Hit[]
  fetch: (asked: { id: string; longest: number }) => (Omit<Hit, never> & { isWhole: boolean }) | null
  read: (asked: { id: string; section: number; offset: number; longest: number }) => SectionShown | null
  list: (asked: { path: string }) => Listing | null
  recent: (asked: { limit: number; folder: string | null }) => readonly Hit[]
  related: (asked: { id: string; limit: number }) => readonly (Hit & { why: string })[] | null
  idAt: (asked: { uri: string }) => string | null
  stop: () => void
}

export type Question = { n: number; what: keyof Questions; asked: unknown }
export type FromIndex =
  | { n: number; answer: unknown }
  | { n: number; failed: string }
  | { changed: true }
  | { level: 'info' | 'warn' | 'error'; event: string; fields: object }

export interface IndexOptions {
  /** The database. */
  file: string
  /** What stays out wherever it is: Drawbridge's own. */
  dataDir: string
}
