import { say } from '../../../locales/say.ts'
import type { ChangedServer } from '../../../src/contract/tools.ts'
import { keyOf, useCommand } from '../../pipe/host.tsx'
import { Button } from '../../ui/button.tsx'
import { plainLabel } from '../../ui/plain.tsx'
import { Differences } from './differences.tsx'
import styles from './tools-page.module.css'

/** That a server is another than its owner took it for, and in what. */
export function ServerChange({ changed }: { changed: ChangedServer }) {
  const accept = useCommand('tools.acceptServer', {
    done: (_nothing, client) => {
      for (const name of ['tools.list', 'tools.servers', 'grants.list', 'status.get'] as const)
        void client.invalidateQueries({ queryKey: keyOf(name) })
    },
  })
  const { sourceId, source, isHeld, differences, seen } = changed
  const action = isHeld ? say('tools.server.takeHeld') : say('tools.server.takeTold')
  return (
    <div className={styles['server-change']}>
      <p className={styles['review-words']}>{isHeld ? say('tools.server.held') : say('tools.server.told')}</p>
      <Differences differences={differences} />
      <p className={styles['review-buttons']}>
        <Button
          size="small"
          busy={accept.isPending}
          aria-label={say('tools.server.takeName', { action, name: plainLabel(source) })}
          onClick={() => accept.mutate({ sourceId, seen })}
        >
          {action}
        </Button>
      </p>
    </div>
  )
}
