import type { HelperId } from '../../contract/helpers.ts'
import known from './releases.json' with { type: 'json' }

export interface ReleaseFile {
  /** Of the file at the release; `.tgz`: an archive with the program in it. */
  name: string
  bytes: number
  /** Of the file, in hexadecimal. */
  sha256: string
  /** The same of the program in the archive. */
  program?: string
}

export interface HelperRelease {
  version: string
  /** Base address of the files. */
  from: string
  /** By `process.platform`-`process.arch`. What is not there cannot be had for that computer. */
  files: Readonly<Record<string, ReleaseFile>>
}

/** Newest first. Others come with a new Drawbridge only: whoever could add one could have it run here. */
export type HelperReleases = Readonly<Record<HelperId, readonly HelperRelease[]>>

export const helperReleases: HelperReleases = known.programs
