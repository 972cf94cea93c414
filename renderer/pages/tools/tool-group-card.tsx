import { useState } from 'react'
import type { Tool } from '../../../src/contract/models.ts'
import { Badge } from '../../parts/badge.tsx'
import { Button } from '../../parts/button.tsx'
import { cx } from '../../parts/cx.ts'
import { Card } from '../../parts/page.tsx'
import { Toggle } from '../../parts/toggle.tsx'
import { patchCall, useCommand } from '../../pipe/host.tsx'
import { RISK_WORDS } from '../../words/access.ts'
import type { ToolGroup } from './group-tools.ts'
import { logoFor } from './logos.ts'
import { ServerButtons, ServerDetails, ServerLine, ServerState } from './server-parts.tsx'
import styles from './tools-page.module.css'

/** A server with a hundred tools must not push the others out of sight. */
const SHOWN = 8
/** Not worth a button of their own. */
const FEW = 3

export function ToolGroupCard({ group, searching }: { group: ToolGroup; searching: boolean }) {
  const [all, setAll] = useState(false)
  const { server, tools } = group
  const shown = all || searching || tools.length <= SHOWN + FEW ? tools : tools.slice(0, SHOWN)
  const off = tools.filter((tool) => !tool.enabled).length
  return (
    <Card className={styles.group} label={group.title}>
      <header className={styles.head}>
        <img
          className={styles.logo}
          src={logoFor(group.title, server !== null)}
          alt=""
          width={36}
          height={36}
        />
        <div className={styles.who}>
          <h2 className={styles.title}>
            {group.title}
            {server && <ServerState server={server} />}
          </h2>
          {server ? (
            <ServerLine server={server} />
          ) : (
            <p className={styles.small}>
              Built in, {count(tools.length)}
              {off > 0 && `, ${off} off`}
            </p>
          )}
        </div>
        {server && <ServerButtons server={server} />}
      </header>
      {server && <ServerDetails server={server} />}
      <ul>
        {shown.map((tool) => (
          <ToolRow key={tool.name} tool={tool} />
        ))}
      </ul>
      {shown.length < tools.length && (
        <div className={styles.more}>
          <Button intent="quiet" size="small" onClick={() => setAll(true)}>
            Show all {tools.length} tools
          </Button>
        </div>
      )}
    </Card>
  )
}

const count = (tools: number) => (tools === 1 ? 'one tool' : `${tools} tools`)

function ToolRow({ tool }: { tool: Tool }) {
  const set = useCommand('tools.set', {
    optimistic: (client, { name, enabled }) =>
      patchCall(client, 'tools.list', undefined, (old) =>
        old.map((other) => (other.name === name ? { ...other, enabled } : other)),
      ),
  })
  const risk = RISK_WORDS[tool.risk]
  const title = tool.title || tool.name
  return (
    <li className={cx(styles.tool, !tool.enabled && styles.off)}>
      <div className={styles['tool-words']}>
        <p className={styles['tool-title']}>
          {title}
          <Badge tone={risk.tone}>{risk.label}</Badge>
          {tool.localOnly && <Badge>This computer only</Badge>}
          {tool.openWorld && <Badge>Uses the internet</Badge>}
        </p>
        {tool.description && (
          <p className={styles.text} title={tool.description}>
            {tool.description}
          </p>
        )}
        {title !== tool.name && <code className={styles.name}>{tool.name}</code>}
      </div>
      <Toggle
        label={title}
        checked={tool.enabled}
        onChange={(enabled) => set.mutate({ name: tool.name, enabled })}
      />
    </li>
  )
}
