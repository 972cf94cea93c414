import type { Pipe } from '../../src/contract/pipe.ts'

/** `lost`: the host does not answer and is tried again; `signed-out`: it answers, but does not know this browser. */
export type LinkState = 'up' | 'lost' | 'signed-out'

/** A pipe plus what the pages need to know about the way itself. */
export interface ShellPipe extends Pipe {
  link(): LinkState
  /** Called on every change of `link()`. Returns the function that stops listening. */
  onLink(listen: (state: LinkState) => void): () => void
  /** Called when a stream of events begins, with the number of the last event before it; never where none can be missed. */
  onBegin?(listen: (revision: number) => void): () => void
  close(): void
}
