import { say } from '../../../locales/say.ts'
import type { Awake } from '../../../src/contract/status.ts'
import { Choice } from '../../ui/choice.tsx'
import { Setting } from '../../ui/page.tsx'
import { Note } from '../../ui/problem.tsx'
import { PreferenceSection } from './preference-section.tsx'

const CHOICES = ['sleeps', 'stays'] as const

/** Whether this computer may go to sleep although assistants call it. */
export function KeepAwake({ awake }: { awake: Awake }) {
  return (
    <PreferenceSection title={say('settings.awake.title')}>
      {({ keepAwake = false }, change) => (
        <>
          <Setting title={say('settings.awake.connected')} text={say('settings.awake.text')}>
            <Choice
              label={say('settings.awake.connected')}
              value={keepAwake ? 'stays' : 'sleeps'}
              options={CHOICES.map((value) => ({ value, label: say(`settings.awake.${value}`) }))}
              onChange={(value) => change({ keepAwake: value === 'stays' })}
            />
          </Setting>
          {keepAwake && awake === 'unavailable' && (
            <Note message={say('settings.awake.unavailable')} hint={say('settings.awake.unavailableHint')} />
          )}
        </>
      )}
    </PreferenceSection>
  )
}
