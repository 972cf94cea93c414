import { useState } from 'react'
import type { Tool } from '../../../src/contract/tools.ts'
import { visibleText } from '../../../src/contract/visible-text.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button, Spinner } from '../../ui/button.tsx'
import { Check } from '../../ui/check.tsx'
import { Icon } from '../../ui/icon.tsx'
import { LONGEST_TITLE, Plain } from '../../ui/plain.tsx'
import { Radios } from '../../ui/radios.tsx'
import { RISK_WORDS } from '../../words/access.ts'
import styles from './limits.module.css'
import { allIds, missingFrom, onlyReading, setIds, shareOf, type ToolChoices } from './pick-tools.ts'

interface ToolPickerProps {
  /** Null until they are known. */
  choices: ToolChoices[] | null
  value: string[] | null
  onChange(next: string[] | null): void
}

const WHICH = [
  { value: 'all', label: 'All tools', text: 'Also those you add later.' },
  { value: 'chosen', label: 'Only the tools I choose' },
] as const

/** All tools, or chosen ones, source by source. */
export function ToolPicker({ choices, value, onChange }: ToolPickerProps) {
  if (!choices)
    return (
      <p className={styles.small} role="status">
        <Spinner /> One moment…
      </p>
    )
  return (
    <div className={styles.picker}>
      <Radios
        legend="Which tools?"
        value={value === null ? 'all' : 'chosen'}
        options={WHICH}
        onChange={(which) => onChange(which === 'all' ? null : allIds(choices))}
      />
      {value !== null && <Chosen choices={choices} value={value} onChange={onChange} />}
    </div>
  )
}

interface ChosenProps {
  choices: ToolChoices[]
  value: string[]
  onChange(next: string[]): void
}

function Chosen({ choices, value, onChange }: ChosenProps) {
  const away = missingFrom(value, choices)
  const pick = (ids: string[]) => onChange([...away, ...ids])
  if (choices.length === 0 && away.length === 0)
    return <p className={styles.small}>There are no tools to choose from yet.</p>
  return (
    <>
      <div className={styles.presets}>
        <Button size="small" onClick={() => pick(onlyReading(choices))}>
          Only reading
        </Button>
        <Button size="small" intent="quiet" onClick={() => pick(allIds(choices))}>
          All
        </Button>
        <Button size="small" intent="quiet" onClick={() => onChange([])}>
          None
        </Button>
      </div>
      <ul className={styles.sources}>
        {choices.map((group) => (
          <Source key={group.sourceId} group={group} value={value} onChange={onChange} />
        ))}
      </ul>
      {away.length > 0 && (
        <p className={styles.small}>
          {away.length === 1 ? 'One more chosen tool is' : `${away.length} more chosen tools are`} not there
          at the moment, because a server is stopped or gone. The choice is kept.
        </p>
      )}
    </>
  )
}

function Source({ group, value, onChange }: { group: ToolChoices } & Omit<ChosenProps, 'choices'>) {
  const share = shareOf(group, value)
  // Half-chosen sources are what somebody looking again wants to see.
  const [open, setOpen] = useState(share === 'some')
  const count = group.tools.filter((tool) => value.includes(tool.id)).length
  return (
    <li className={styles.source}>
      <div className={styles['source-head']}>
        <Check
          strong
          label={group.title}
          text={`${count} of ${group.tools.length} tools`}
          checked={share === 'all'}
          partly={share === 'some'}
          onChange={(on) =>
            onChange(
              setIds(
                value,
                group.tools.map((tool) => tool.id),
                on,
              ),
            )
          }
        />
        <Button
          size="small"
          intent="quiet"
          aria-expanded={open}
          aria-label={`${open ? 'Hide' : 'Show'} the tools of ${group.title}`}
          onClick={() => setOpen(!open)}
        >
          {open ? 'Hide' : 'Show'} <Icon name={open ? 'up' : 'chevron'} size={14} />
        </Button>
      </div>
      {open && (
        <ul className={styles.tools}>
          {group.tools.map((tool) => (
            <li key={tool.id}>
              <Check
                label={<ToolWords tool={tool} />}
                checked={value.includes(tool.id)}
                onChange={(on) => onChange(setIds(value, [tool.id], on))}
              />
            </li>
          ))}
        </ul>
      )}
    </li>
  )
}

function ToolWords({ tool }: { tool: Tool }) {
  const risk = RISK_WORDS[tool.risk]
  return (
    <span className={styles.tool} title={visibleText(tool.name)}>
      <Plain text={tool.title || tool.name} longest={LONGEST_TITLE} />
      {tool.risk !== 'read' && <Badge tone={risk.tone}>{risk.label}</Badge>}
      {!tool.enabled && <Badge>Switched off</Badge>}
    </span>
  )
}
