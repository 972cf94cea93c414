import type { Tool } from '../../../src/contract/tools.ts'
import { keyOf, useCommand } from '../../pipe/host.tsx'
import { Button } from '../../ui/button.tsx'
import { Plain, plainLabel } from '../../ui/plain.tsx'
import { RISK_WORDS } from '../../words/access.ts'
import styles from './tools-page.module.css'

/** Takes tools as they were shown; one that has changed since is refused by the host. */
export function useAccept() {
  return useCommand('tools.accept', {
    done: (_tools, client) => {
      for (const name of ['tools.list', 'grants.list', 'status.get'] as const)
        void client.invalidateQueries({ queryKey: keyOf(name) })
    },
  })
}

export const asSeen = (tools: readonly Tool[]) =>
  tools.flatMap(({ id, review }) => (review ? [{ id, seen: review.seen }] : []))

export const isNew = (tool: Tool): boolean => tool.review?.why === 'new'

/** What the owner should look at about one tool, and what can be said to it. */
export function ToolReview({ tool, onLeaveOff }: { tool: Tool; onLeaveOff(): void }) {
  const accept = useAccept()
  const { review } = tool
  if (review === null) return null
  const title = plainLabel(tool.title || tool.name)
  const take = (
    <Button
      size="small"
      busy={accept.isPending}
      aria-label={review.why === 'new' ? `Use it: ${title}` : `Accept what ${title} says`}
      onClick={() => accept.mutate({ tools: asSeen([tool]) })}
    >
      {review.why === 'new' ? 'Use it' : 'Accept'}
    </Button>
  )
  if (review.why === 'new')
    return (
      <div className={styles.review}>
        <p className={styles['review-words']}>New — look at it before assistants can use it.</p>
        <p className={styles['review-buttons']}>
          {take}
          <Button intent="quiet" size="small" aria-label={`Leave off: ${title}`} onClick={onLeaveOff}>
            Leave off
          </Button>
        </p>
      </div>
    )
  const before = [RISK_WORDS[tool.risk].label, ...(tool.openWorld ? ['Uses the internet'] : [])].join(', ')
  const now = [RISK_WORDS[review.risk].label, ...(review.openWorld ? ['Uses the internet'] : [])].join(', ')
  return (
    <div className={styles.review}>
      <p className={styles['review-words']}>
        Says it is less dangerous than before: <Plain text={now} />. Until you accept that it is treated as
        before: <Plain text={before} />.
      </p>
      <p className={styles['review-buttons']}>{take}</p>
    </div>
  )
}

/** All new tools of one server at once. */
export function NewTools({ tools, from }: { tools: readonly Tool[]; from: string }) {
  const accept = useAccept()
  if (tools.length === 0) return null
  const all = tools.length === 1 ? 'Use the new tool' : `Use all ${tools.length} new tools`
  return (
    <div className={styles['new-tools']}>
      <p>
        {tools.length === 1 ? 'One new tool waits' : `${tools.length} new tools wait`} for you to look at.
      </p>
      <Button
        size="small"
        busy={accept.isPending}
        aria-label={`${all} of ${plainLabel(from)}`}
        onClick={() => accept.mutate({ tools: asSeen(tools) })}
      >
        {all}
      </Button>
    </div>
  )
}
