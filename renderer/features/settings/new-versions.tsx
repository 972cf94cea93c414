import { say } from '../../../locales/say.ts'
import { Choice } from '../../ui/choice.tsx'
import { Setting } from '../../ui/page.tsx'
import { PreferenceSection } from './preference-section.tsx'

const CHOICES = ['tell', 'ask'] as const

/** Whether a server that reports another version goes on working. */
export function NewVersions() {
  return (
    <PreferenceSection title={say('settings.servers')}>
      {({ newVersions = 'tell' }, change) => (
        <Setting title={say('settings.newVersions')} text={say('settings.newVersionsHint')}>
          <Choice
            label={say('settings.newVersions')}
            value={newVersions}
            options={CHOICES.map((value) => ({ value, label: say(`settings.newVersions.${value}`) }))}
            onChange={(value) => change({ newVersions: value === 'ask' ? 'ask' : 'tell' })}
          />
        </Setting>
      )}
    </PreferenceSection>
  )
}
