import type { ActivityCheck } from '../../contract/activity.ts'
import { callId } from '../call-id.ts'
import type { CallTable } from '../call-table.ts'
import { Slice } from '../slice.ts'
import type { Link, Mark } from './call-chain.ts'

/** Rows read at once; each costs some microseconds, and may have 32 kB. */
const chunk = 64
/** Places that are named; the rest is counted. */
const mostNamed = 100

/**
 * Goes over the whole log, a few milliseconds at a time, and finds what was changed, added or taken away behind Drawbridge's back.
 * `head`: the newest place that was marked, wherever that is kept; null: none ever was.
 */
export async function checkChain(
  table: CallTable,
  head: Mark | null,
  isStopped: () => boolean,
): Promise<ActivityCheck> {
  const { chain } = table
  const begin = table.begin()
  const found: ActivityCheck = { rows: 0, changed: [], missing: 0, more: 0, unsealed: 0, isMarked: true }
  const end = table.lastSeq()
  let before: Link = begin ?? { seq: 0, link: '' }
  if (begin === null || !chain.isOurs(begin)) found.isMarked = false
  if (head !== null && !chain.isOurs(head)) found.isMarked = false
  const slice = new Slice()
  while (before.seq < end && !isStopped()) {
    const rows = table.linked(before.seq, chunk)
    if (rows.length === 0) break
    for (const { seq, call, links } of rows) {
      found.rows += 1
      found.missing += seq - before.seq - 1
      if (links !== null && chain.isUnsealed(links)) found.unsealed += 1
      const isWhole = seq === before.seq + 1 && links !== null && chain.holds(before, seq, call, links)
      // After a gap only the row itself can tell, and that its link does not fit is the gap's doing.
      if (!isWhole && seq === before.seq + 1) {
        if (found.changed.length < mostNamed) found.changed.push(callId(call.at, seq))
        else found.more += 1
      }
      if (head?.seq === seq && head.link !== links?.link) found.isMarked = false
      before = { seq, link: links?.link ?? '' }
    }
    await slice.rest()
  }
  if (head !== null && head.seq > before.seq) found.missing += head.seq - before.seq
  return found
}
