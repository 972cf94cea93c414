import type { Facts } from '../mcp/decision.ts'

/** How long something that was read counts, in milliseconds: by then an assistant is at something else, or has done its worst. */
export const taintLasts = 30 * 60_000

/**
 * Whether what came back may have been written by a stranger: everything that is not the owner's own data, and whatever has something in
 * it that is aimed at assistants. A tool's own word about itself (`openWorld`) is pinned like the rest of it.
 */
export const isUntrusted = (read: { openWorld: boolean; isSuspect: boolean }): boolean =>
  read.openWorld || read.isSuspect

/**
 * Whether a call that is allowed is asked about all the same, because of what was read before it: it might be a stranger's wish, put
 * into a page or a mail. Under *Everything*, where the owner wants no questions, only what destroys or what reaches others.
 */
export function asksAgain({ readBefore, risk, openWorld, access }: Facts): boolean {
  if (!readBefore || risk === 'read') return false
  return access !== 'everything' || risk === 'destructive' || openWorld !== false
}
