import { say } from '../../../../locales/say.ts'
import { Check } from '../../../ui/check.tsx'
import { Radios } from '../../../ui/radios.tsx'
import { Small } from '../../../ui/text.tsx'
import { setIds } from '../choose/pick-tools.ts'
import { Quiet } from '../choose/quiet.tsx'
import { useChoices, useSourceName } from '../choose/use-choices.ts'
import { type Abilities, abilitiesLine, abilityNames, NOT_NARROWED, readOf } from './abilities.ts'

interface AbilitiesChoiceProps {
  workspace: string
  value: Abilities
  onChange(next: Abilities): void
  problem?: string | undefined
}

const named = (abilities: Abilities) => abilityNames(abilities).join(', ')

const kinds = () =>
  [
    { value: 'all', label: say('abilities.kind.all.label'), text: say('abilities.kind.all.text') },
    { value: 'read', label: say('abilities.kind.read.label'), text: named({ kind: 'read' }) },
    {
      value: 'sources',
      label: say('abilities.kind.sources.label'),
      text: say('abilities.kind.sources.text', { names: named({ kind: 'sources', sources: [] }) }),
    },
  ] as const

/** By name, as other servers narrow their keys: their instructions may say which. */
export function AbilitiesChoice({ workspace, value, onChange, problem }: AbilitiesChoiceProps) {
  return (
    <Quiet
      label={say('abilities.title')}
      line={abilitiesLine(value, useSourceName())}
      opens={say('abilities.change')}
      closes={say('abilities.hide')}
      problem={problem}
    >
      <Small>{say('abilities.text')}</Small>
      <Radios
        legend={say('abilities.which')}
        value={value.kind}
        options={kinds()}
        onChange={(kind) =>
          onChange(kind === 'sources' ? { kind, sources: [] } : kind === 'read' ? { kind } : NOT_NARROWED)
        }
      />
      {value.kind === 'sources' && (
        <Sources
          workspace={workspace}
          value={value.sources}
          onChange={(sources) => onChange({ kind: 'sources', sources })}
        />
      )}
    </Quiet>
  )
}

interface SourcesProps {
  workspace: string
  value: string[]
  onChange(next: string[]): void
}

/** Those that have something to read. */
function Sources({ workspace, value, onChange }: SourcesProps) {
  const choices = useChoices(workspace)
  const readable = choices?.filter(({ tools }) => tools.some((tool) => tool.risk === 'read')) ?? []
  if (choices !== null && readable.length === 0) return <Small>{say('abilities.nothingToRead')}</Small>
  return readable.map(({ sourceId, title }) => (
    <Check
      key={sourceId}
      label={title}
      text={readOf(sourceId)}
      checked={value.includes(sourceId)}
      onChange={(on) => onChange(setIds(value, [sourceId], on))}
    />
  ))
}
