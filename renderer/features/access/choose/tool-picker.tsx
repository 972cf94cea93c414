import { useState } from 'react'
import { say } from '../../../../locales/say.ts'
import { visibleText } from '../../../../src/contract/agreed/visible-text.ts'
import type { Tool } from '../../../../src/contract/tools.ts'
import { Badge } from '../../../ui/badge.tsx'
import { Button, Spinner } from '../../../ui/button.tsx'
import { Check } from '../../../ui/check.tsx'
import { Icon } from '../../../ui/icon.tsx'
import { LONGEST_TITLE, Plain } from '../../../ui/plain.tsx'
import { Radios } from '../../../ui/radios.tsx'
import { Small } from '../../../ui/text.tsx'
import { riskWords } from '../../../words/access.ts'
import styles from './limits.module.css'
import { allIds, missingFrom, onlyReading, setIds, shareOf, type ToolChoices } from './pick-tools.ts'

interface ToolPickerProps {
  /** Null until they are known. */
  choices: ToolChoices[] | null
  value: string[] | null
  onChange(next: string[] | null): void
}

const which = () =>
  [
    { value: 'all', label: say('limits.allTools'), text: say('access.tools.alsoLaterOnes') },
    { value: 'chosen', label: say('access.tools.onlyChosen') },
  ] as const

/** All tools, or chosen ones, source by source. */
export function ToolPicker({ choices, value, onChange }: ToolPickerProps) {
  if (!choices)
    return (
      <Small role="status">
        <Spinner /> {say('common.oneMoment')}
      </Small>
    )
  return (
    <div className={styles.picker}>
      <Radios
        legend={say('access.tools.whichTools')}
        value={value === null ? 'all' : 'chosen'}
        options={which()}
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
  if (choices.length === 0 && away.length === 0) return <Small>{say('access.tools.thereAreNoTools')}</Small>
  return (
    <>
      <div className={styles.presets}>
        <Button size="small" fills onClick={() => pick(onlyReading(choices))}>
          {say('access.tools.onlyReading')}
        </Button>
        <Button size="small" intent="quiet" fills onClick={() => pick(allIds(choices))}>
          {say('access.tools.all')}
        </Button>
        <Button size="small" intent="quiet" fills onClick={() => onChange([])}>
          {say('access.tools.none')}
        </Button>
      </div>
      <ul data-divided className={styles.sources}>
        {choices.map((group) => (
          <Source key={group.sourceId} group={group} value={value} onChange={onChange} />
        ))}
      </ul>
      {away.length > 0 && <Small>{say('access.tools.away', { count: away.length })}</Small>}
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
          text={say('access.tools.share', { chosen: count, all: group.tools.length })}
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
          aria-label={say(open ? 'access.tools.hideToolsOf' : 'access.tools.showToolsOf', {
            title: group.title,
          })}
          onClick={() => setOpen(!open)}
        >
          {open ? say('access.tools.hide') : say('access.tools.show')}{' '}
          <Icon name={open ? 'up' : 'chevron'} size={14} />
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
  const risk = riskWords(tool.risk)
  return (
    <span className={styles.tool} title={visibleText(tool.name)}>
      <Plain text={tool.title || tool.name} longest={LONGEST_TITLE} />
      {tool.risk !== 'read' && <Badge tone={risk.tone}>{risk.label}</Badge>}
      {!tool.enabled && <Badge>{say('access.tools.switchedOff')}</Badge>}
    </span>
  )
}
