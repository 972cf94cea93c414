import { ConnectionDialog } from '../access/connection-dialog.tsx'
import { ApprovalDialog } from './approval-dialog.tsx'
import { usePutAside, useWanted } from './put-aside.ts'
import { useWaiting } from './use-waiting.ts'

/** On every page: what waits for the user, one at a time: the one that was asked for, then the oldest. */
export function WaitingDialogs() {
  const aside = usePutAside()
  const waiting = useWaiting().filter((item) => !aside.has(item.id))
  const wanted = useWanted()
  const first = waiting.find((item) => item.id === wanted) ?? waiting[0]
  if (!first) return null
  const more = waiting.length - 1
  return first.kind === 'connection' ? (
    <ConnectionDialog key={first.id} request={first.request} more={more} />
  ) : (
    <ApprovalDialog key={first.id} approval={first.approval} more={more} />
  )
}
