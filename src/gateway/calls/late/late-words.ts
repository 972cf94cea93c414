import { ProtocolError } from '@modelcontextprotocol/server'
import type { Call } from '../../../contract/activity.ts'
import type { ErrorReply } from '../../../contract/errors.ts'
import { checkTool } from '../../offers/tools/check-tool.ts'
import { asOwnerChanged, type Ending, failed, refusedByUser } from '../results/endings.ts'
import type { LateCall } from './late-call.ts'

/** For the assistant, and through it for the user: what happened to a call that takes longer than its client waits, and what to do. */

const comeBack = (handle: string) =>
  `call ${checkTool.name} with handle "${handle}" to get its result; the same call with the same arguments gets it too.`

/** What a client that cannot wait any longer is told; `again`: it was told before. */
export function notYet({ phase, asks, title }: LateCall, handle: string): ErrorReply {
  if (phase === 'asked')
    return {
      code: 'approval-pending',
      message: `Waiting for your approval in Drawbridge: “${title}”. Nothing has been done yet.`,
      hint: `It runs by itself once it is allowed there. Do not call it again with other arguments. When the user says they decided, ${comeBack(handle)}`,
    }
  if (asks) return asksElsewhere(title)
  return {
    code: 'call-running',
    message: `“${title}” is still at work, and its result is not there yet.`,
    hint: `It goes on by itself: do not start it again. In a while, ${comeBack(handle)}`,
  }
}

/** Its server asks something that only the answer to the call itself can say. */
export const asksElsewhere = (title: string): ErrorReply => ({
  code: 'call-asks',
  message: `“${title}” wants to know something before it goes on.`,
  hint: 'Make the same call again with the same arguments: the answer to that says what it asks.',
})

/** Of two identical calls that waited at the same time, one ran; this is for the other. */
export const givenElsewhere = (title: string): Ending =>
  failed({
    code: 'approval-pending',
    message: `“${title}” was called twice with the same arguments and ran once: its result went to the other call.`,
    hint: 'If it should run a second time, make the call again.',
  })

/** Another client's handle, one whose time is over, or none at all: the answer is the same. */
export const unknownHandle: ErrorReply = {
  code: 'handle-unknown',
  message: 'Nothing waits under this handle for this app, or its time is over.',
  hint: 'What became of the call can be seen in Drawbridge under Activity. Before repeating a change, look whether it happened.',
}

/** What is said instead of a result that is not there any more although the call was made. */
export const resultGone = (title: string, why: 'large' | 'room' | 'changed'): Ending =>
  failed({
    code: 'result-gone',
    message: `“${title}” was carried out, but its result is not there any more: ${
      {
        large: 'it was too large to be kept.',
        room: 'too many other results waited.',
        changed: 'the tool was changed or removed meanwhile.',
      }[why]
    }`,
    hint: 'Do not repeat a change: look first what it did. Something that only reads can be asked for again.',
  })

/** The tool became another while it ran. */
export const brokenOff = (title: string): ErrorReply => ({
  code: 'tool-changed',
  message: `“${title}” was changed or removed while it ran, so it was broken off.`,
  hint: 'It may have happened: look before you try again.',
})

/**
 * What can be said in a new life of the program of a call that was left in an earlier one. `row`: of the log; null: it has none, as
 * everything that only reads. `isDone`: it is a reason not to make the call again.
 */
export function afterRestart(title: string, row: Call | null): { end: Ending; isDone: boolean } {
  const { end, isDone } = whatRemains(title, row)
  return { end: isDone && row?.decision === 'edited' ? asOwnerChanged(end) : end, isDone }
}

function whatRemains(title: string, row: Call | null): { end: Ending; isDone: boolean } {
  if (row === null)
    return {
      end: failed({
        code: 'result-gone',
        message: `Drawbridge was stopped meanwhile, and the result of “${title}” is gone.`,
        hint: 'It only reads: make the call again.',
      }),
      isDone: false,
    }
  if (row.outcome === 'answered')
    return {
      end: failed({
        code: 'result-gone',
        message: `“${title}” was carried out, but Drawbridge was restarted since then and its result is gone.`,
        hint: 'Do not repeat it: look what it did. What was recorded of it is in Drawbridge under Activity.',
      }),
      isDone: true,
    }
  if (row.decision === 'denied' && row.outcome === 'denied')
    return { end: refusedByUser(title), isDone: false }
  if (row.outcome === 'denied' || row.decision === 'denied' || row.decision === 'pending')
    return {
      end: failed({
        code: 'call-ended',
        message: `“${title}” was not carried out: Drawbridge was stopped before it was answered there. Nothing has been done.`,
        hint: 'If it is still wanted, make the call again.',
      }),
      isDone: false,
    }
  return {
    end: failed({
      code: 'call-interrupted',
      message: `“${title}” has no result: it failed, or Drawbridge was stopped while it ran.`,
      hint: 'It may have happened: look before you try again.',
    }),
    isDone: true,
  }
}

/** For tasks, whose protocol has a place for it. */
export const protocolErrorOf = ({
  error,
}: Ending): { code: number; message: string; data?: unknown } | null =>
  error instanceof ProtocolError
    ? { code: error.code, message: error.message, ...(error.data !== undefined && { data: error.data }) }
    : null
