import { useNavigate, useRouter, useSearch } from '@tanstack/react-router'
import { useEffect, useMemo, useRef, useState } from 'react'
import { say } from '../../../locales/say.ts'
import { Button } from '../../ui/button.tsx'
import { cx } from '../../ui/cx.ts'
import { SearchField } from '../../ui/field.tsx'
import { useSettled } from '../../ui/hooks/use-settled.ts'
import { Empty, Waiting } from '../../ui/page.tsx'
import { AwayNote } from '../address/away-note.tsx'
import { ActivityHead } from './activity-head.tsx'
import styles from './activity-page.module.css'
import { CallDetail } from './call-detail.tsx'
import { CallList } from './call-list.tsx'
import { CheckButton } from './check-button.tsx'
import { ConnectFirst } from './connect-first.tsx'
import { ExportDialog } from './export-dialog.tsx'
import { Filters, isFiltered } from './filters/filters.tsx'
import { namedFilters } from './filters/named-filters.ts'
import { type Choices, useChoices } from './filters/use-choices.ts'
import { filterOf, type LogAddress } from './log-address.ts'
import { useActivity } from './use-activity.ts'

/** The log is searched once whoever types pauses. */
const SETTLE_MS = 250

/** Every call, as it happens. */
export function ActivityPage() {
  const { address, typed, setTyped, search, change, clear, select } = useAddress()
  const selected = address.call ?? null
  const [exporting, setExporting] = useState(false)
  const filter = useMemo(() => filterOf(address, Date.now()), [address])
  const activity = useActivity(search, filter)
  const choices = useChoices(activity.calls)
  const none = activity.data !== undefined && activity.calls.length === 0
  return (
    <div className={styles.page}>
      <div>
        <ActivityHead lead={say('activity.lead')}>
          <div className={styles.search}>
            <SearchField label={say('activity.searchTheLog')} value={typed} onChange={setTyped} />
          </div>
          <Button onClick={() => setExporting(true)}>{say('activity.export.open')}</Button>
          <CheckButton onSelect={select} />
        </ActivityHead>
        <div className={styles.away}>
          <AwayNote />
        </div>
        <Filters address={{ ...address, search }} choices={choices} onChange={change} onClear={clear} />
      </div>
      <div className={cx(styles.body, selected !== null && styles['with-detail'])}>
        {none ? (
          <Nothing address={{ ...address, search }} choices={choices} onClear={clear} />
        ) : activity.data ? (
          <CallList activity={activity} selected={selected} onSelect={select} />
        ) : (
          <div className={styles.instead}>
            <Waiting on={activity} />
          </div>
        )}
        {selected !== null && <CallDetail id={selected} onClose={() => select(null)} />}
      </div>
      {exporting && (
        <ExportDialog
          search={search}
          filter={filter}
          isNarrowed={isFiltered({ ...address, search })}
          onClose={() => setExporting(false)}
        />
      )}
    </div>
  )
}

/** What the log is narrowed down by stands in the address; what is typed gets there once it settles. */
function useAddress() {
  const address = useSearch({ from: '/activity' })
  const navigate = useNavigate({ from: '/activity' })
  const { typed, setTyped, search } = useTyped(address.search ?? '')
  const change = (next: Partial<LogAddress>) =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace: true })
  const clear = () => {
    setTyped('')
    void navigate({ search: {}, replace: true })
  }
  return { address, typed, setTyped, search, change, clear, select: useSelect(address) }
}

/** What is typed into the search, and what the address says of it: what settled goes there, and what *Back* or a link says comes back. */
function useTyped(said: string) {
  const navigate = useNavigate({ from: '/activity' })
  const [typed, setTyped] = useState(said)
  const search = useSettled(typed.trim(), SETTLE_MS)
  /** What was sent there and has not arrived. */
  const sent = useRef<string[]>([])
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what settled anew is sent
  useEffect(() => {
    if (search === said) return
    sent.current.push(search)
    void navigate({ search: (before) => ({ ...before, search: search || undefined }), replace: true })
  }, [search, navigate])
  useEffect(() => {
    const at = sent.current.indexOf(said)
    sent.current.splice(0, at + 1)
    if (at < 0) setTyped(said)
  }, [said])
  return { typed, setTyped, search }
}

const withoutCall = (address: LogAddress): string => JSON.stringify({ ...address, call: undefined })

/** Opens a call, or none. The browser's *Back* closes one, too: on a narrow screen it stands in place of the list. */
function useSelect(address: LogAddress): (id: string | null) => void {
  const navigate = useNavigate({ from: '/activity' })
  const { history } = useRouter()
  /** The list that *Back* leads to; null: it leads elsewhere. */
  const behind = useRef<string | null>(null)
  useEffect(() => {
    if (address.call === undefined) behind.current = null
  }, [address.call])
  return (id) => {
    const isOpen = address.call !== undefined
    if (id === null && isOpen && behind.current === withoutCall(address)) return history.back()
    if (id !== null && !isOpen) behind.current = withoutCall(address)
    void navigate({
      search: (before) => ({ ...before, call: id ?? undefined }),
      replace: isOpen || id === null,
    })
  }
}

interface NothingProps {
  address: LogAddress
  choices: Choices
  onClear(): void
}

function Nothing({ address, choices, onClear }: NothingProps) {
  return isFiltered(address) ? (
    <Empty
      icon="search"
      title={say('activity.emptyTitle')}
      text={say('activity.noCallPasses', { filters: namedFilters(address, choices) })}
      action={<Button onClick={onClear}>{say('activity.filter.clear')}</Button>}
    />
  ) : (
    <Empty
      icon="activity"
      title={say('activity.noCallsYet')}
      text={say('activity.emptyText')}
      action={<ConnectFirst />}
    />
  )
}
