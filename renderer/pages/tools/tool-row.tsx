import { useState } from 'react'
import type { Tool } from '../../../src/contract/models.ts'
import { visibleLine } from '../../../src/contract/visible-text.ts'
import { Badge } from '../../parts/badge.tsx'
import { Button } from '../../parts/button.tsx'
import { cx } from '../../parts/cx.ts'
import { LONGEST_TITLE, Plain } from '../../parts/plain.tsx'
import { Toggle } from '../../parts/toggle.tsx'
import { keyOf, patchCall, useCommand } from '../../pipe/host.tsx'
import { RISK_WORDS } from '../../words/access.ts'
import { RenameToolDialog } from './rename-tool-dialog.tsx'
import styles from './tools-page.module.css'

export function ToolRow({ tool }: { tool: Tool }) {
  const [renaming, setRenaming] = useState(false)
  const set = useCommand('tools.set', {
    optimistic: (client, { id, enabled }) =>
      patchCall(client, 'tools.list', undefined, (old) =>
        old.map((other) => (other.id === id ? { ...other, enabled: enabled ?? other.enabled } : other)),
      ),
    done: (_tool, client) => void client.invalidateQueries({ queryKey: keyOf('grants.list') }),
  })
  const risk = RISK_WORDS[tool.risk]
  const title = tool.title || tool.name
  return (
    <li className={cx(styles.tool, !tool.enabled && styles.off)}>
      <div className={styles['tool-words']}>
        <p className={styles['tool-title']}>
          <Plain text={title} longest={LONGEST_TITLE} />
          <Badge tone={risk.tone}>{risk.label}</Badge>
          {tool.localOnly && <Badge>This computer only</Badge>}
          {tool.openWorld && <Badge>Uses the internet</Badge>}
        </p>
        {tool.description && (
          <p className={styles.text} title={visibleLine(tool.description, 1_000)}>
            <Plain text={tool.description} longest={400} />
          </p>
        )}
        <p className={styles.names}>
          {title !== tool.name && (
            <code className={styles.name}>
              <Plain text={tool.name} />
            </code>
          )}
          {tool.alias !== null && (
            <span>
              your name for{' '}
              <code className={styles.name}>
                <Plain text={tool.original} />
              </code>
            </span>
          )}
          <Button
            intent="quiet"
            size="small"
            aria-label={`Rename ${title}`}
            onClick={() => setRenaming(true)}
          >
            Rename
          </Button>
        </p>
      </div>
      <Toggle
        label={title}
        checked={tool.enabled}
        onChange={(enabled) => set.mutate({ id: tool.id, enabled })}
      />
      {renaming && <RenameToolDialog tool={tool} onClose={() => setRenaming(false)} />}
    </li>
  )
}
