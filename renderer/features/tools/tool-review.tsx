import { say } from '../../../locales/say.ts'
import type { Tool } from '../../../src/contract/tools.ts'
import { useCall, useCommand } from '../../pipe/host.tsx'
import { Button } from '../../ui/button.tsx'
import { Waiting } from '../../ui/page.tsx'
import { plainLabel } from '../../ui/plain.tsx'
import { Differences } from './differences.tsx'
import styles from './tools-page.module.css'

/** Takes tools as they were shown; one that has changed since is refused by the host. */
const useAccept = () => useCommand('tools.accept', { refreshes: ['tools.list', 'grants.list', 'status.get'] })

const asSeen = (tools: readonly Tool[]) =>
  tools.flatMap(({ id, review }) => (review ? [{ id, seen: review.seen }] : []))

/** Of one that waits: what is said of it is said of what is shown. */
export const seenOf = ({ review }: Tool) => (review ? { seen: review.seen } : {})

export const isNew = (tool: Tool): boolean => tool.review?.why === 'new'
export const isChanged = (tool: Tool): boolean => tool.review?.why === 'changed'

/** What the owner should look at about one tool, and what can be said to it. */
export function ToolReview({ tool, onLeaveOff }: { tool: Tool; onLeaveOff(): void }) {
  const accept = useAccept()
  const { review } = tool
  if (review === null) return null
  if (review.why === 'identity')
    return <p className={styles['review-words']}>{say('tools.review.identity')}</p>
  const title = plainLabel(tool.title || tool.name)
  const fresh = review.why === 'new'
  return (
    <>
      {!fresh && <ToolDifferences id={tool.id} seen={review.seen} />}
      <div className={styles.review}>
        <p className={styles['review-words']}>
          {fresh ? say('tools.review.newLookAtIt') : say('tools.review.changed')}
        </p>
        <p className={styles['review-buttons']}>
          <Button
            size="small"
            busy={accept.isPending}
            aria-label={
              fresh
                ? say('tools.review.useItName', { title })
                : say('tools.review.useItAsItIsName', { title })
            }
            onClick={() => accept.mutate({ tools: asSeen([tool]) })}
          >
            {fresh ? say('tools.review.useIt') : say('tools.review.useItAsItIs')}
          </Button>
          {tool.enabled && (
            <Button
              intent="quiet"
              size="small"
              aria-label={say('tools.review.leaveOffName', { title })}
              onClick={onLeaveOff}
            >
              {say('tools.review.leaveOff')}
            </Button>
          )}
        </p>
      </div>
    </>
  )
}

/** Asked for anew whenever the tool is another again (`seen`). */
function ToolDifferences({ id, seen }: { id: string; seen: string }) {
  const differences = useCall('tools.differences', { id })
  return (
    <div key={seen}>
      {differences.data ? <Differences differences={differences.data} /> : <Waiting on={differences} />}
    </div>
  )
}

/** All that wait of one server at once: the new ones, or those that changed. */
export function AllAtOnce({
  tools,
  from,
  why,
}: {
  tools: readonly Tool[]
  from: string
  why: 'new' | 'changed'
}) {
  const accept = useAccept()
  if (tools.length === 0) return null
  const count = tools.length
  const values = { count, from: plainLabel(from) }
  return (
    <div className={styles['new-tools']}>
      <p>{why === 'new' ? say('tools.newWait', { count }) : say('tools.changedWait', { count })}</p>
      <Button
        size="small"
        busy={accept.isPending}
        aria-label={why === 'new' ? say('tools.useNewOf', values) : say('tools.useChangedOf', values)}
        onClick={() => accept.mutate({ tools: asSeen(tools) })}
      >
        {why === 'new' ? say('tools.useNew', { count }) : say('tools.useChanged', { count })}
      </Button>
    </div>
  )
}
