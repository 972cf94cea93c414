import { useState } from 'react'
import type { Approval, ApprovalChoice } from '../../../src/contract/approvals.ts'
import { problemOf, useCall, useCommand } from '../../pipe/host.tsx'
import { sayUnheard } from './say-unheard.ts'
import { useSeen } from './use-seen.ts'
import { useSettled } from './use-settled.ts'

/** What the user has seen of a question, what he makes of it, and the ways to say so. */
export function useAnswer({ id }: Approval) {
  const details = useCall('approvals.get', { id })
  const [end, endSeen] = useSeen()
  /** The `seen` of what was opened over the whole window. */
  const [opened, setOpened] = useState<string | null>(null)
  const [choice, setChoice] = useState<ApprovalChoice>('once')
  /** What the user wrote in place of the arguments; null: nothing. */
  const [edited, setEdited] = useState<string | null>(null)
  // Who changes them has seen them, and sees what he writes.
  const read = details.data !== undefined && (endSeen || opened === details.data.seen || edited !== null)
  const settled = useSettled(read)
  const decide = useCommand('approvals.decide', {
    inline: true,
    refreshes: ['approvals.list'],
    done: sayUnheard,
  })
  const pending = decide.isPending ? decide.variables.decision : null
  const refuse = (decision: 'deny' | 'never') => {
    if (pending === null) decide.mutate({ id, decision })
  }
  const allow = () => {
    if (!settled || !details.data || pending !== null || choice === 'never') return
    const { seen, arguments: given } = details.data
    const change = edited === null || edited === given ? {} : { edited }
    decide.mutate(
      choice === 'once' ? { id, decision: choice, seen, ...change } : { id, decision: choice, seen },
      { onError: (error) => problemOf(error).code === 'not-seen' && lookAgain() },
    )
  }
  /** What is shown is not what waits: it is fetched, and must be looked at, anew. */
  const lookAgain = () => {
    setEdited(null)
    void details.refetch()
  }
  return {
    ...{ details, end, read, settled, pending, refuse, allow, problem: decide.error },
    ...{ opened, open: setOpened, choice, choose: setChoice, edited, edit: setEdited },
  }
}

export type Answer = ReturnType<typeof useAnswer>
