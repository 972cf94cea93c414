import { useState } from 'react'
import { say } from '../../../locales/say.ts'
import { visibleLine } from '../../../src/contract/agreed/visible-text.ts'
import type { Tool } from '../../../src/contract/tools.ts'
import { patchCall, useCommand } from '../../pipe/host.tsx'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { cx } from '../../ui/cx.ts'
import { LONGEST_TITLE, Plain } from '../../ui/plain.tsx'
import { rich } from '../../ui/rich.tsx'
import { Toggle } from '../../ui/toggle.tsx'
import { riskWords } from '../../words/access.ts'
import { RenameToolDialog } from './rename-tool-dialog.tsx'
import { isNew, ToolReview } from './tool-review.tsx'
import styles from './tools-page.module.css'

export function ToolRow({ tool }: { tool: Tool }) {
  const [renaming, setRenaming] = useState(false)
  const set = useCommand('tools.set', {
    optimistic: (client, { id, enabled }) =>
      patchCall(client, 'tools.list', undefined, (old) =>
        old.map((other) => (other.id === id ? { ...other, enabled: enabled ?? other.enabled } : other)),
      ),
    refreshes: ['grants.list'],
  })
  const fresh = isNew(tool)
  const risk = riskWords(fresh ? tool.review!.risk : tool.risk)
  const title = tool.title || tool.name
  return (
    <li className={cx(styles.tool, (!tool.enabled || fresh) && styles.off)}>
      <div className={styles['tool-words']}>
        <p className={styles['tool-title']}>
          <Plain text={title} longest={LONGEST_TITLE} />
          <Badge tone={risk.tone}>{risk.label}</Badge>
          {fresh && <Badge tone="busy">{say('tools.row.new')}</Badge>}
          {tool.localOnly && <Badge>{say('common.thisComputerOnly')}</Badge>}
          {tool.openWorld && <Badge>{say('tools.usesInternet')}</Badge>}
        </p>
        {tool.description && (
          <p
            className={cx(styles.text, tool.review && styles.whole)}
            title={visibleLine(tool.description, 1_000)}
          >
            <Plain text={tool.description} longest={tool.review ? 10_000 : 400} />
          </p>
        )}
        <ToolReview tool={tool} onLeaveOff={() => set.mutate({ id: tool.id, enabled: false })} />
        <p className={styles.names}>
          {title !== tool.name && (
            <code className={styles.name}>
              <Plain text={tool.name} />
            </code>
          )}
          {tool.alias !== null && (
            <span>
              {rich('tools.row.yourNameFor', {
                original: (
                  <code className={styles.name}>
                    <Plain text={tool.original} />
                  </code>
                ),
              })}
            </span>
          )}
          <Button
            intent="quiet"
            size="small"
            aria-label={say('tools.row.renameName', { title })}
            onClick={() => setRenaming(true)}
          >
            {say('tools.row.rename')}
          </Button>
        </p>
      </div>
      {!fresh && (
        <Toggle
          label={title}
          checked={tool.enabled}
          onChange={(enabled) => set.mutate({ id: tool.id, enabled })}
        />
      )}
      {renaming && <RenameToolDialog tool={tool} onClose={() => setRenaming(false)} />}
    </li>
  )
}
