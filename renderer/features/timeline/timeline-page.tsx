import { useState } from 'react'
import { say } from '../../../locales/say.ts'
import { dayWords } from '../../../src/contract/agreed/words/diary.ts'
import { dayOf } from '../../../src/contract/agreed/words/local-time.ts'
import { Severity, type TimelineEvent, type TimelineFilter } from '../../../src/contract/timeline.ts'
import { useCall } from '../../pipe/host.tsx'
import { Button, ButtonLink } from '../../ui/button.tsx'
import { Choice } from '../../ui/choice.tsx'
import { CopyField } from '../../ui/copy-field.tsx'
import { SearchField } from '../../ui/field.tsx'
import { useNow } from '../../ui/hooks/use-now.ts'
import { useSettled } from '../../ui/hooks/use-settled.ts'
import { Card, Empty, Page, Waiting } from '../../ui/page.tsx'
import { Small } from '../../ui/text.tsx'
import { EventRow } from './event-row.tsx'
import styles from './timeline-page.module.css'
import { TimelineSettings } from './timeline-settings.tsx'
import { useEvents } from './use-events.ts'

const ALL = ' all'
const SETTLE_MS = 250
/** To be typed as it is. */
const FIRST_EVENT =
  'drawbridge event send --title "It works" --kind deployment --env production --version 1.0.0'

/** What happened to what the user runs, newest first. */
export function TimelinePage() {
  const overview = useCall('timeline.overview', undefined)
  const [filter, setFilter] = useState<TimelineFilter>({})
  const [search, setSearch] = useState('')
  const events = useEvents(useSettled(search.trim(), SETTLE_MS), filter)
  const isNarrowed = search.trim() !== '' || Object.values(filter).some((value) => value !== undefined)
  const isNew = overview.data?.total === 0
  return (
    <Page title={say('timeline.title')} lead={say('timeline.lead')}>
      {isNew && <FirstEvent />}
      {overview.data && !isNew && (
        <div className={styles.filters}>
          <SearchField label={say('timeline.search')} value={search} onChange={setSearch} />
          <Facet name="kind" values={overview.data.kinds} filter={filter} onChange={setFilter} />
          <Facet
            name="environment"
            values={overview.data.environments}
            filter={filter}
            onChange={setFilter}
          />
          <Facet name="severity" values={Severity.options} filter={filter} onChange={setFilter} />
        </div>
      )}
      <Waiting on={events} />
      {events.data && events.all.length === 0 && !isNew && (
        <Card>
          <Empty
            icon="search"
            title={say('timeline.nothingFound')}
            text={say(isNarrowed ? 'timeline.nothingFoundText' : 'timeline.nothingKept')}
          />
        </Card>
      )}
      <Days events={events.all} />
      {events.hasNextPage && (
        <Button busy={events.isFetchingNextPage} onClick={() => void events.fetchNextPage()}>
          {say('timeline.older')}
        </Button>
      )}
      {overview.data && <TimelineSettings overview={overview.data} />}
    </Page>
  )
}

/** While there is none of the user's own: how the first ones come here; the one for programmers behind a press on it. */
function FirstEvent() {
  return (
    <Card lines="apart" label={say('timeline.first.title')}>
      <h2 className={styles.heading}>{say('timeline.first.title')}</h2>
      <p>{say('timeline.first.text')}</p>
      <div>
        <ButtonLink to="/tools">{say('timeline.first.services')}</ButtonLink>
      </div>
      <details>
        <summary>{say('timeline.first.own')}</summary>
        <div className={styles.own}>
          <p>{say('timeline.first.ownText')}</p>
          <CopyField label={say('timeline.first.command')} value={FIRST_EVENT} whole />
          <Small>{say('timeline.first.otherwise')}</Small>
        </div>
      </details>
    </Card>
  )
}

interface FacetProps {
  name: 'kind' | 'environment' | 'severity'
  values: readonly string[]
  filter: TimelineFilter
  onChange(next: TimelineFilter): void
}

function Facet({ name, values, filter, onChange }: FacetProps) {
  const value = filter[name]
  if (values.length === 0 && value === undefined) return null
  return (
    <Choice
      label={say(`timeline.by.${name}`)}
      value={value ?? ALL}
      inRow={value === undefined || 'set'}
      options={[
        { value: ALL, label: say(`timeline.all.${name}`) },
        ...values.map((one) => ({
          value: one,
          label: name === 'severity' ? say(`timeline.severity.${one as Severity}`) : one,
        })),
      ]}
      onChange={(next) => onChange({ ...filter, [name]: next === ALL ? undefined : next })}
    />
  )
}

function Days({ events }: { events: readonly TimelineEvent[] }) {
  const now = useNow(60_000)
  const days = Map.groupBy(events, ({ at }) => dayOf(at))
  return [...days].map(([day, some]) => (
    <section key={day} aria-label={dayWords(day, now)} className={styles.day}>
      <h2 className={styles.heading}>{dayWords(day, now)}</h2>
      <Card>
        <ul className={styles.list}>
          {some.map((event) => (
            <EventRow key={event.id} event={event} />
          ))}
        </ul>
      </Card>
    </section>
  ))
}
