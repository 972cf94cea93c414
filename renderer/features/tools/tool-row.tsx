import { useState } from 'react'
import { say } from '../../../locales/say.ts'
import { visibleLine } from '../../../src/contract/agreed/visible-text.ts'
import { askingWords } from '../../../src/contract/agreed/words/asking.ts'
import { risksOf, type Tool } from '../../../src/contract/tools.ts'
import { patchCall, useCommand } from '../../pipe/host.tsx'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { cx } from '../../ui/cx.ts'
import { LONGEST_TITLE, Plain } from '../../ui/plain.tsx'
import { rich } from '../../ui/rich.tsx'
import { Toggle } from '../../ui/toggle.tsx'
import { riskWords } from '../../words/access.ts'
import { Findings } from './differences.tsx'
import { RenameToolDialog } from './rename-tool-dialog.tsx'
import { isChanged, isNew, seenOf, ToolReview } from './tool-review.tsx'
import { ToolRiskDialog } from './tool-risk-dialog.tsx'
import styles from './tools-page.module.css'

export function ToolRow({ tool }: { tool: Tool }) {
  const [open, setOpen] = useState<'name' | 'risk' | null>(null)
  const [asks, setAsks] = useState(false)
  const set = useCommand('tools.set', {
    optimistic: (client, { id, enabled }) =>
      patchCall(client, 'tools.list', undefined, (old) =>
        old.map((other) => (other.id === id ? { ...other, enabled: enabled ?? other.enabled } : other)),
      ),
    refreshes: ['grants.list'],
  })
  const waits = tool.review !== null
  const risk = riskWords(risksOf(tool).risk)
  const title = tool.title || tool.name
  return (
    <li className={cx(styles.tool, (!tool.enabled || waits) && styles.off)}>
      <div className={styles['tool-words']}>
        <p className={styles['tool-title']}>
          <Plain text={title} longest={LONGEST_TITLE} />
          <Badge tone={risk.tone}>{risk.label}</Badge>
          {tool.override && (
            <Badge>
              {tool.override.lowers ? say('tools.row.yourRiskLowers') : say('tools.row.yourRisk')}
            </Badge>
          )}
          {isNew(tool) && <Badge tone="busy">{say('tools.row.new')}</Badge>}
          {isChanged(tool) && <Badge tone="busy">{say('tools.row.changed')}</Badge>}
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
        {tool.note !== null && (
          <p className={styles.text}>
            <Plain text={say('tools.row.note', { note: tool.note })} />
          </p>
        )}
        <Findings findings={tool.findings} />
        <ToolReview
          tool={tool}
          onLeaveOff={() => set.mutate({ id: tool.id, enabled: false, ...seenOf(tool) })}
        />
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
          <RowButton
            label={say('tools.row.renameName', { title })}
            words={say('tools.row.rename')}
            onClick={() => setOpen('name')}
          />
          <RowButton
            label={say('tools.row.changeName', { title })}
            words={say('tools.row.change')}
            onClick={() => setOpen('risk')}
          />
          <RowButton
            label={say('tools.row.asksName', { title })}
            words={say('tools.row.asks')}
            expanded={asks}
            onClick={() => setAsks(!asks)}
          />
        </p>
        {asks && <WhoAsks tool={tool} />}
      </div>
      {!waits && (
        <Toggle
          label={title}
          checked={tool.enabled}
          onChange={(enabled) => set.mutate({ id: tool.id, enabled })}
        />
      )}
      {open === 'name' && <RenameToolDialog tool={tool} onClose={() => setOpen(null)} />}
      {open === 'risk' && <ToolRiskDialog tool={tool} onClose={() => setOpen(null)} />}
    </li>
  )
}

interface RowButtonProps {
  label: string
  words: string
  expanded?: boolean
  onClick(): void
}

function RowButton({ label, words, expanded, onClick }: RowButtonProps) {
  return (
    <Button
      intent="quiet"
      size="small"
      aria-label={label}
      {...(expanded !== undefined && { 'aria-expanded': expanded })}
      onClick={onClick}
    >
      {words}
    </Button>
  )
}

/** What ChatGPT and Claude do by themselves before they use it. */
function WhoAsks({ tool }: { tool: Tool }) {
  const { chatgpt, claude } = askingWords(risksOf(tool))
  return (
    <div className={styles.asks}>
      <p>{chatgpt}</p>
      <p>{claude}</p>
    </div>
  )
}
