import { useState } from 'react'
import { say } from '../../../locales/say.ts'
import { ButtonLink } from '../../ui/button.tsx'
import { cx } from '../../ui/cx.ts'
import { SearchField } from '../../ui/field.tsx'
import { Empty, Waiting } from '../../ui/page.tsx'
import { useSettled } from '../../ui/use-settled.ts'
import styles from './activity-page.module.css'
import { CallDetail } from './call-detail.tsx'
import { CallList } from './call-list.tsx'
import { useActivity } from './use-activity.ts'

/** The log is searched once whoever types pauses. */
const SETTLE_MS = 250

/** Every call, as it happens. */
export function ActivityPage() {
  const [typed, setTyped] = useState('')
  const search = useSettled(typed.trim(), SETTLE_MS)
  const [selected, setSelected] = useState<string | null>(null)
  const activity = useActivity(search)
  const none = activity.data !== undefined && activity.calls.length === 0
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <div>
          <h1 className={styles.title}>{say('activity.title')}</h1>
          <p className={styles.lead}>{say('activity.lead')}</p>
        </div>
        <div className={styles.search}>
          <SearchField label={say('activity.searchTheLog')} value={typed} onChange={setTyped} />
        </div>
      </header>
      <div className={cx(styles.body, selected !== null && styles['with-detail'])}>
        {none ? (
          <Nothing search={search} />
        ) : activity.data ? (
          <CallList activity={activity} selected={selected} onSelect={setSelected} />
        ) : (
          <div className={styles.instead}>
            <Waiting on={activity} />
          </div>
        )}
        {selected !== null && <CallDetail id={selected} onClose={() => setSelected(null)} />}
      </div>
    </div>
  )
}

function Nothing({ search }: { search: string }) {
  return search ? (
    <Empty icon="search" title={say('activity.emptyTitle')} text={say('activity.noCallHasIn', { search })} />
  ) : (
    <Empty
      icon="activity"
      title={say('activity.noCallsYet')}
      text={say('activity.emptyText')}
      action={
        <ButtonLink to="/connect/$client" params={{ client: 'chatgpt' }}>
          {say('common.connectChatgpt')}
        </ButtonLink>
      }
    />
  )
}
