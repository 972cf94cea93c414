import type { ErrorReply } from './errors.ts'

/** What the host answers to one knock at the contract's door. */
export type Reply<T = unknown> =
  | {
      ok: true
      value: T
      /** How many events the host had told when it began to answer: the answer knows what they told, and perhaps more. */
      revision?: number
      /** How many when it had done what was asked: every later event and answer knows of that. */
      after?: number
    }
  | { ok: false; error: ErrorReply }

/** `revision`: the event's number; numbers rise, and begin anew when the host does. */
export type Listen = (name: string, payload: unknown, revision?: number) => void

/**
 * Through which door a call came: a window or page of ours, in which a person sits; the command line, or another program that could read its key;
 * a program with the key of the admin interface.
 */
export type Door = 'window' | 'command-line' | 'program'

/** A way from a user interface to the host: Electron's IPC, or HTTP and server-sent events. */
export interface Pipe {
  call(name: string, input: unknown): Promise<Reply>
  /** Returns the function that stops listening. */
  on(listen: Listen): () => void
}
