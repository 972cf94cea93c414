import { keyOf, patchCall, useCall, useCommand } from '../../pipe/host.tsx'
import { Choice } from '../../ui/choice.tsx'
import { Card, Section, Waiting } from '../../ui/page.tsx'
import { fromChoice, numberChoices } from './limit-choices.ts'
import styles from './settings-page.module.css'

const REQUESTS = [30, 60, 100, 300, 1_000, null] as const
const ANSWERS = [4, 16, 32, 64, 128, 256] as const
const SERVERS = [10, 20, 50, 100, 200, 500] as const

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
      })),
    state: () => keyOf('preferences.get'),
  })
  return (
    <Section title="Limits">
      <Waiting on={preferences} />
      {preferences.data && (
        <Card className={styles.card}>
          <div className={styles.switch}>
            <div>
              <p className={styles.strong}>Requests of one app within a minute</p>
              <p className={styles.small}>
                An assistant that goes round in circles is slowed down, and told to wait. Others are not
                affected.
              </p>
            </div>
            <Choice
              label="Requests of one app within a minute"
              value={String(preferences.data.requestsPerMinute)}
              options={numberChoices(REQUESTS, preferences.data.requestsPerMinute, (value) =>
                value === null
                  ? 'No limit'
                  : `${value.toLocaleString('en')}${value === 100 ? ' (usual)' : ''}`,
              )}
              onChange={(value) => set.mutate({ requestsPerMinute: fromChoice(value) })}
            />
          </div>
          <div className={styles.switch}>
            <div>
              <p className={styles.strong}>Servers running at the same time</p>
              <p className={styles.small}>
                Each one takes memory. Beyond this number a server stays stopped until another one is stopped.
              </p>
            </div>
            <Choice
              label="Servers running at the same time"
              value={String(preferences.data.maxServers)}
              options={numberChoices(
                SERVERS,
                preferences.data.maxServers,
                (value) => `${value}${value === 100 ? ' (usual)' : ''}`,
              )}
              onChange={(value) => set.mutate({ maxServers: Number(value) })}
            />
          </div>
          <div className={styles.switch}>
            <div>
              <p className={styles.strong}>Largest answer of a server</p>
              <p className={styles.small}>
                A larger one is dropped, and whoever asked is told. While answers arrive, one server may take
                twice this much memory, and all together four times.
              </p>
            </div>
            <Choice
              label="Largest answer of a server"
              value={String(preferences.data.largestAnswer)}
              options={numberChoices(
                ANSWERS,
                preferences.data.largestAnswer,
                (value) => `${value} MB${value === 32 ? ' (usual)' : ''}`,
              )}
              onChange={(value) => set.mutate({ largestAnswer: Number(value) })}
            />
          </div>
        </Card>
      )}
    </Section>
  )
}
