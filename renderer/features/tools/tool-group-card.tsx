import { useId, useState } from 'react'
import serverLogo from '../../../assets/connectors/server.svg'
import { say } from '../../../locales/say.ts'
import type { ChangedServer, Tool } from '../../../src/contract/tools.ts'
import { Button } from '../../ui/button.tsx'
import { cx } from '../../ui/cx.ts'
import { Icon } from '../../ui/icon.tsx'
import { Card } from '../../ui/page.tsx'
import { LONGEST_TITLE, Plain } from '../../ui/plain.tsx'
import { Small } from '../../ui/text.tsx'
import { ServerAttention, ServerButtons, ServerLine, ServerState } from '../servers/server-parts.tsx'
import { ConnectorAccounts, Examples, OwnExamples, SetUpConnector } from './connector-accounts.tsx'
import type { ToolGroup } from './group-tools.ts'
import { ServerChange } from './server-change.tsx'
import { AllAtOnce, isChanged, isNew } from './tool-review.tsx'
import { ToolRow } from './tool-row.tsx'
import styles from './tools-page.module.css'

/** A server with a hundred tools must not push the others out of sight. */
const SHOWN = 8
/** Not worth a button of their own. */
const FEW = 3

/** Those of a server that changed need no look of their own. */
const isWaiting = (tool: Tool) => tool.review !== null && tool.review.why !== 'identity'

interface ToolGroupCardProps {
  group: ToolGroup
  /** Its server is another than its owner took it for. */
  changed: ChangedServer | undefined
  searching: boolean
  /** At first only what it is; its tools behind a button. */
  isClosed: boolean
}

/** One place that tools come from, and its tools. */
export function ToolGroupCard({ group, changed, searching, isClosed }: ToolGroupCardProps) {
  const [all, setAll] = useState(false)
  // Until somebody folds it: which services it is of may be known only later.
  const [chosen, setOpened] = useState<boolean | null>(null)
  const opened = chosen ?? !isClosed
  const closed = !opened && !searching
  const list = useId()
  const { server, connectors, tools } = group
  // What waits is seen, however many there are.
  const changedTools = tools.filter(isChanged)
  const waiting = tools.filter(isWaiting)
  const others = tools.filter((tool) => !isWaiting(tool))
  const some = [...waiting, ...(closed ? [] : others.slice(0, Math.max(0, SHOWN - waiting.length)))]
  const shown =
    (all && !closed) || searching || (!closed && tools.length <= SHOWN + FEW) ? [...waiting, ...others] : some
  const off = tools.filter((tool) => !tool.enabled).length
  return (
    <Card className={styles.group} label={group.title}>
      <header className={styles.head}>
        <img className={styles.logo} src={connectors[0]?.logo ?? serverLogo} alt="" width={36} height={36} />
        <div className={styles.who}>
          <h2 className={styles.title}>
            <Plain text={group.title} longest={LONGEST_TITLE} />
            {server && <ServerState server={server} />}
          </h2>
          {server ? (
            <ServerLine server={server} />
          ) : (
            <Small>{say('tools.builtIn', { count: tools.length, off })}</Small>
          )}
        </div>
        {server && <ServerButtons server={server} />}
        {connectors.length === 1 && <SetUpConnector connector={connectors[0]!} />}
        {!searching && tools.length > waiting.length && (
          <Button
            intent="quiet"
            size="small"
            iconOnly
            className={cx(styles.fold, opened && styles.open)}
            aria-label={say('tools.toolsOf', { title: group.title })}
            aria-expanded={opened}
            aria-controls={list}
            onClick={() => setOpened(!opened)}
          >
            <Icon name="chevron" size={18} />
          </Button>
        )}
      </header>
      {server && <ServerAttention server={server} />}
      {connectors.map((connector) => (
        <ConnectorAccounts
          key={connector.slug}
          connector={connector}
          isOneOfSeveral={connectors.length > 1}
        />
      ))}
      {connectors[0] && <Examples of={connectors} />}
      {!server && <OwnExamples sourceId={tools[0]?.sourceId} />}
      {changed && <ServerChange changed={changed} />}
      {server && <AllAtOnce why="new" tools={tools.filter(isNew)} from={group.title} />}
      {server && changedTools.length > 1 && (
        <AllAtOnce why="changed" tools={changedTools} from={group.title} />
      )}
      <ul id={list}>
        {shown.map((tool) => (
          <ToolRow key={tool.id} tool={tool} />
        ))}
      </ul>
      {shown.length < tools.length && (
        <div className={styles.more}>
          <Button
            intent="quiet"
            size="small"
            aria-label={say('tools.showAllOf', { count: tools.length, title: group.title })}
            onClick={() => {
              setAll(true)
              setOpened(true)
            }}
          >
            {say('tools.showAll', { count: tools.length })}
          </Button>
        </div>
      )}
    </Card>
  )
}
