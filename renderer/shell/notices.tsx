import { say } from '../../locales/say.ts'
import type { Status } from '../../src/contract/status.ts'
import { patchCall, useCommand } from '../pipe/host.tsx'
import { Button } from '../ui/button.tsx'
import { cx } from '../ui/cx.ts'
import { Icon } from '../ui/icon.tsx'
import { Problem } from '../ui/problem.tsx'
import styles from './frame.module.css'

export const useDismiss = () =>
  useCommand('notices.dismiss', {
    optimistic: (client, { id }) =>
      patchCall(client, 'status.get', undefined, (old) => ({
        ...old,
        notices: old.notices.filter((notice) => notice.id !== id),
      })),
  })

/** What the user should know wherever they are, newest first, until it is dismissed. */
export function Notices({ notices, inPage = false }: { notices: Status['notices']; inPage?: boolean }) {
  const dismiss = useDismiss()
  if (notices.length === 0) return null
  return (
    <div className={cx(styles.notices, inPage && styles.news)}>
      {notices.toReversed().map((notice) => (
        <Problem
          key={notice.id}
          problem={notice}
          tone={notice.level === 'warning' ? 'warn' : 'info'}
          announce={false}
          isInCorner
          action={
            <Button
              intent="quiet"
              size="small"
              iconOnly
              aria-label={say('shell.notices.dismissThisNotice')}
              onClick={() => dismiss.mutate({ id: notice.id })}
            >
              <Icon name="cross" size={16} />
            </Button>
          }
        />
      ))}
    </div>
  )
}
