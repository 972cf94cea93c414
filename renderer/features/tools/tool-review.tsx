import { say } from '../../../locales/say.ts'
import type { Tool } from '../../../src/contract/tools.ts'
import { useCommand } from '../../pipe/host.tsx'
import { Button } from '../../ui/button.tsx'
import { Plain, plainLabel } from '../../ui/plain.tsx'
import { rich } from '../../ui/rich.tsx'
import { riskWords } from '../../words/access.ts'
import styles from './tools-page.module.css'

/** Takes tools as they were shown; one that has changed since is refused by the host. */
const useAccept = () => useCommand('tools.accept', { refreshes: ['tools.list', 'grants.list', 'status.get'] })

const asSeen = (tools: readonly Tool[]) =>
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
      aria-label={
        review.why === 'new'
          ? say('tools.review.useItName', { title })
          : say('tools.review.acceptWhatSays', { title })
      }
      onClick={() => accept.mutate({ tools: asSeen([tool]) })}
    >
      {review.why === 'new' ? say('tools.review.useIt') : say('tools.review.accept')}
    </Button>
  )
  if (review.why === 'new')
    return (
      <div className={styles.review}>
        <p className={styles['review-words']}>{say('tools.review.newLookAtIt')}</p>
        <p className={styles['review-buttons']}>
          {take}
          <Button
            intent="quiet"
            size="small"
            aria-label={say('tools.review.leaveOffName', { title })}
            onClick={onLeaveOff}
          >
            {say('tools.review.leaveOff')}
          </Button>
        </p>
      </div>
    )
  const says = (one: Pick<Tool, 'risk' | 'openWorld'>) =>
    [riskWords(one.risk).label, ...(one.openWorld ? [say('tools.usesInternet')] : [])].join(', ')
  const before = says(tool)
  const now = says(review)
  return (
    <div className={styles.review}>
      <p className={styles['review-words']}>
        {rich('tools.saysSafer', { now: <Plain text={now} />, before: <Plain text={before} /> })}
      </p>
      <p className={styles['review-buttons']}>{take}</p>
    </div>
  )
}

/** All new tools of one server at once. */
export function NewTools({ tools, from }: { tools: readonly Tool[]; from: string }) {
  const accept = useAccept()
  if (tools.length === 0) return null
  const count = tools.length
  return (
    <div className={styles['new-tools']}>
      <p>{say('tools.newWait', { count })}</p>
      <Button
        size="small"
        busy={accept.isPending}
        aria-label={say('tools.useNewOf', { count, from: plainLabel(from) })}
        onClick={() => accept.mutate({ tools: asSeen(tools) })}
      >
        {say('tools.useNew', { count })}
      </Button>
    </div>
  )
}
