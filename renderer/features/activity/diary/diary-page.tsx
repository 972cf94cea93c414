import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { say } from '../../../../locales/say.ts'
import type { DiaryDay, DiaryEntry } from '../../../../src/contract/activity.ts'
import { dayWords, diarySentences, weeksOf, weekWords } from '../../../../src/contract/agreed/words/diary.ts'
import { daysBack } from '../../../../src/contract/agreed/words/local-time.ts'
import { ask, useCall, usePipe } from '../../../pipe/host.tsx'
import { Choice } from '../../../ui/choice.tsx'
import { useNow } from '../../../ui/hooks/use-now.ts'
import { Card, Empty, Waiting } from '../../../ui/page.tsx'
import { Plain } from '../../../ui/plain.tsx'
import { ActivityHead } from '../activity-head.tsx'
import { ConnectFirst } from '../connect-first.tsx'
import { useToolTitles } from '../use-tool-titles.ts'
import styles from './diary-page.module.css'

const DAYS = { day: 14, week: 56 }
const ALL = ' all'

/** What assistants did, told in sentences, made of the rows of the log and of nothing else. */
export function DiaryPage() {
  const { by = 'day', assistant } = useSearch({ from: '/activity/diary' })
  const navigate = useNavigate({ from: '/activity/diary' })
  const diary = useDiary(DAYS[by])
  const grants = useCall('grants.list', undefined)
  const now = useNow(60_000)
  const told = tellable(diary.data ?? [], by, assistant)
  const people = new Map(grants.data?.map(({ id, name }) => [id, name]))
  for (const { grantId, clientName } of diary.data?.flatMap(({ entries }) => entries) ?? [])
    if (!people.has(grantId)) people.set(grantId, clientName)
  return (
    <>
      <ActivityHead lead={say('diary.lead')}>
        <Choice
          label={say('activity.filter.by.assistant')}
          value={assistant ?? ALL}
          options={[
            { value: ALL, label: say('activity.filter.allAssistants') },
            ...[...people].map(([value, label]) => ({ value, label })),
          ]}
          onChange={(next) =>
            void navigate({
              search: (before) => ({ ...before, assistant: next === ALL ? undefined : next }),
              replace: true,
            })
          }
        />
        <Choice
          label={say('diary.by')}
          value={by}
          options={(['day', 'week'] as const).map((value) => ({ value, label: say(`diary.by.${value}`) }))}
          onChange={(next) => void navigate({ search: (before) => ({ ...before, by: next }), replace: true })}
        />
      </ActivityHead>
      <div className={styles.days}>
        <Waiting on={diary} />
        {diary.data && told.length === 0 && (
          <Card>
            <Empty
              icon="activity"
              title={say('diary.emptyTitle')}
              text={say('diary.emptyText', { days: DAYS[by] })}
              action={<ConnectFirst />}
            />
          </Card>
        )}
        {told.map(({ day, entries }) => {
          const title = by === 'day' ? dayWords(day, now) : weekWords(day)
          return (
            <section key={day} aria-label={title}>
              <h2 className={styles.day}>{title}</h2>
              {entries.map((entry) => (
                <Entry key={entry.grantId} entry={entry} withDay={by === 'week'} />
              ))}
            </section>
          )
        })}
      </div>
    </>
  )
}

function useDiary(days: number) {
  const pipe = usePipe()
  return useQuery({
    queryKey: ['diary', days],
    queryFn: () => ask(pipe, 'activity.diary', daysBack(days, Date.now())),
    // While it is looked at, what is called goes on.
    refetchInterval: 30_000,
    placeholderData: keepPreviousData,
  })
}

function tellable(days: readonly DiaryDay[], by: 'day' | 'week', assistant: string | undefined): DiaryDay[] {
  const all = by === 'day' ? days : weeksOf(days)
  return all
    .map(({ day, entries }) => ({
      day,
      entries: entries.filter(({ grantId }) => assistant === undefined || grantId === assistant),
    }))
    .filter(({ entries }) => entries.length > 0)
}

function Entry({ entry, withDay }: { entry: DiaryEntry; withDay: boolean }) {
  const { looked, changed, changes, rest } = diarySentences(entry, withDay, useToolTitles())
  return (
    <Card lines="close">
      <h3 className={styles.who}>
        <Plain text={entry.clientName} longest={80} />
      </h3>
      {looked && (
        <p>
          <Plain text={looked} />
        </p>
      )}
      {changed && (
        <p>
          <Plain text={changed} />
        </p>
      )}
      {changes.length > 0 && (
        <ul className={styles.changes}>
          {changes.map(({ id, text }) => (
            <li key={id}>
              <Link to="/activity" search={{ call: id }}>
                <Plain text={text} />
              </Link>
            </li>
          ))}
        </ul>
      )}
      {rest.length > 0 && <p>{rest.join(' ')}</p>}
    </Card>
  )
}
