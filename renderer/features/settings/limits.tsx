import { say } from '../../../locales/say.ts'
import { keyOf, patchCall, useCall, useCommand } from '../../pipe/host.tsx'
import { Choice } from '../../ui/choice.tsx'
import { Card, Section, Waiting } from '../../ui/page.tsx'
import { fromChoice, numberChoices } from './limit-choices.ts'
import styles from './settings-page.module.css'

const REQUESTS = [30, 60, 100, 300, 1_000, null] as const
const ANSWERS = [4, 16, 32, 64, 128, 256] as const
const MINUTES = [10, 30, 60, 240, 1_440] as const
const SERVERS = [10, 20, 50, 100, 200, 500] as const

const usual = (value: string, isUsual: boolean) => (isUsual ? say('common.usual', { value }) : value)

/** How much at once. */
export function Limits() {
  const preferences = useCall('preferences.get', undefined)
  const set = useCommand('preferences.set', {
    optimistic: (client, wanted) =>
      patchCall(client, 'preferences.get', undefined, (old) => ({
        ...old,
        requestsPerMinute:
          wanted.requestsPerMinute === undefined ? old.requestsPerMinute : wanted.requestsPerMinute,
        maxServers: wanted.maxServers ?? old.maxServers,
        largestAnswer: wanted.largestAnswer ?? old.largestAnswer,
        resultMinutes: wanted.resultMinutes ?? old.resultMinutes,
      })),
    state: () => keyOf('preferences.get'),
  })
  return (
    <Section title={say('settings.limits.title')}>
      <Waiting on={preferences} />
      {preferences.data && (
        <Card className={styles.card}>
          <div className={styles.switch}>
            <div>
              <p className={styles.strong}>{say('settings.limits.requestsOfOneApp')}</p>
              <p className={styles.small}>{say('settings.limits.anAssistantThatGoes')}</p>
            </div>
            <Choice
              label={say('settings.limits.requestsOfOneApp')}
              value={String(preferences.data.requestsPerMinute)}
              options={numberChoices(REQUESTS, preferences.data.requestsPerMinute, (value) =>
                value === null
                  ? say('settings.limits.none')
                  : usual(say('settings.limits.number', { value }), value === 100),
              )}
              onChange={(value) => set.mutate({ requestsPerMinute: fromChoice(value) })}
            />
          </div>
          <div className={styles.switch}>
            <div>
              <p className={styles.strong}>{say('settings.limits.serversRunningAtThe')}</p>
              <p className={styles.small}>{say('settings.limits.eachOneTakesMemory')}</p>
            </div>
            <Choice
              label={say('settings.limits.serversRunningAtThe')}
              value={String(preferences.data.maxServers)}
              options={numberChoices(SERVERS, preferences.data.maxServers, (value) =>
                usual(String(value), value === 100),
              )}
              onChange={(value) => set.mutate({ maxServers: Number(value) })}
            />
          </div>
          <div className={styles.switch}>
            <div>
              <p className={styles.strong}>{say('settings.limits.largestAnswerOfA')}</p>
              <p className={styles.small}>{say('settings.limits.aLargerOneIs')}</p>
            </div>
            <Choice
              label={say('settings.limits.largestAnswerOfA')}
              value={String(preferences.data.largestAnswer)}
              options={numberChoices(ANSWERS, preferences.data.largestAnswer, (value) =>
                usual(say('settings.limits.megabytes', { value: String(value) }), value === 32),
              )}
              onChange={(value) => set.mutate({ largestAnswer: Number(value) })}
            />
          </div>
          <ResultTime
            minutes={preferences.data.resultMinutes}
            onChange={(resultMinutes) => set.mutate({ resultMinutes })}
          />
        </Card>
      )}
    </Section>
  )
}

/** How long what came of a call waits for an assistant that had stopped waiting. */
function ResultTime({ minutes, onChange }: { minutes: number; onChange(minutes: number): void }) {
  const words = (value: number | null) =>
    (value ?? 0) < 60
      ? say('settings.limits.minutes', { value: value ?? 0 })
      : say('settings.limits.hours', { value: Math.round(((value ?? 0) / 60) * 10) / 10 })
  return (
    <div className={styles.switch}>
      <div>
        <p className={styles.strong}>{say('settings.limits.resultsWait')}</p>
        <p className={styles.small}>{say('settings.limits.resultsWaitWhy')}</p>
      </div>
      <Choice
        label={say('settings.limits.resultsWait')}
        value={String(minutes)}
        options={numberChoices(MINUTES, minutes, (value) => usual(words(value), value === 30))}
        onChange={(value) => onChange(Number(value))}
      />
    </div>
  )
}
