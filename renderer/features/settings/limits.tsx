import { say } from '../../../locales/say.ts'
import { mostKeptCalls } from '../../../src/contract/activity.ts'
import type { Preferences } from '../../../src/contract/preferences.ts'
import { Choice } from '../../ui/choice.tsx'
import { Setting } from '../../ui/page.tsx'
import { fromChoice, numberChoices } from '../../words/number-choices.ts'
import { PreferenceSection } from './preference-section.tsx'

const REQUESTS = [30, 60, 100, 300, 1_000, null]
const ANSWERS = [4, 16, 32, 64, 128, 256]
const MINUTES = [10, 30, 60, 240, 1_440]
const SERVERS = [10, 20, 50, 100, 200, 500]
const DAYS: readonly Preferences['activityDays'][] = [7, 30, 90, 365]

const usual = (value: string, isUsual: boolean) => (isUsual ? say('common.usual', { value }) : value)

interface NumberSettingProps<N extends number | null> {
  title: string
  text: string
  value: N
  usual: readonly N[]
  words(value: N): string
  onChange(next: N): void
}

function NumberSetting<N extends number | null>(props: NumberSettingProps<N>) {
  return (
    <Setting title={props.title} text={props.text}>
      <Choice
        label={props.title}
        value={String(props.value)}
        options={numberChoices(props.usual, props.value, props.words)}
        onChange={(value) => props.onChange(fromChoice(value) as N)}
      />
    </Setting>
  )
}

/** How much at once. */
export function Limits() {
  return (
    <PreferenceSection title={say('settings.limits.title')}>
      {({ requestsPerMinute, maxServers, largestAnswer, resultMinutes }, change) => (
        <>
          <NumberSetting
            title={say('settings.limits.requestsOfOneApp')}
            text={say('settings.limits.anAssistantThatGoes')}
            value={requestsPerMinute}
            usual={REQUESTS}
            words={(value) =>
              value === null
                ? say('settings.limits.none')
                : usual(say('settings.limits.number', { value }), value === 100)
            }
            onChange={(requestsPerMinute) => change({ requestsPerMinute })}
          />
          <NumberSetting
            title={say('settings.limits.serversRunningAtThe')}
            text={say('settings.limits.eachOneTakesMemory')}
            value={maxServers}
            usual={SERVERS}
            words={(value) => usual(String(value), value === 100)}
            onChange={(maxServers) => change({ maxServers })}
          />
          <NumberSetting
            title={say('settings.limits.largestAnswerOfA')}
            text={say('settings.limits.aLargerOneIs')}
            value={largestAnswer}
            usual={ANSWERS}
            words={(value) => usual(say('settings.limits.megabytes', { value: String(value) }), value === 32)}
            onChange={(largestAnswer) => change({ largestAnswer })}
          />
          <NumberSetting
            title={say('settings.limits.resultsWait')}
            text={say('settings.limits.resultsWaitWhy')}
            value={resultMinutes}
            usual={MINUTES}
            words={(value) =>
              usual(
                value < 60 || value % 60 !== 0
                  ? say('settings.limits.minutes', { value })
                  : say('settings.limits.hours', { value: value / 60 }),
                value === 30,
              )
            }
            onChange={(resultMinutes) => change({ resultMinutes })}
          />
        </>
      )}
    </PreferenceSection>
  )
}

/** How long the activity log goes back. */
export function KeptCalls() {
  return (
    <PreferenceSection title={say('settings.activity')}>
      {({ activityDays }, change) => (
        <NumberSetting
          title={say('settings.keptCalls')}
          text={say('settings.keptCallsHint', { most: mostKeptCalls })}
          value={activityDays}
          usual={DAYS}
          words={(days) =>
            days === 365
              ? say('settings.activityYear')
              : say('settings.activityDays', { days, usual: days === 90 })
          }
          onChange={(activityDays) => change({ activityDays })}
        />
      )}
    </PreferenceSection>
  )
}
