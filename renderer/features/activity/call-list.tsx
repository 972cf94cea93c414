import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { say } from '../../../locales/say.ts'
import { Button } from '../../ui/button.tsx'
import { cx } from '../../ui/cx.ts'
import { useNow } from '../../ui/hooks/use-now.ts'
import { Icon } from '../../ui/icon.tsx'
import styles from './activity-page.module.css'
import { CallRow, rowId } from './call-row.tsx'
import type { useActivity } from './use-activity.ts'
import { useToolTitles } from './use-tool-titles.ts'

const ROW = 32
/** Loads further back before the end is in sight. */
const AHEAD = 30

interface CallListProps {
  activity: ReturnType<typeof useActivity>
  selected: string | null
  onSelect(id: string | null): void
}

/** Only the rows in sight exist; the arrow keys move through all of them. */
export function CallList({ activity, selected, onSelect }: CallListProps) {
  const { calls, hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = activity
  const scroller = useRef<HTMLDivElement>(null)
  const now = useNow(30_000)
  const titleOf = useToolTitles()
  const [away, setAway] = useState(false)
  const rows = useVirtualizer({
    count: calls.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    getItemKey: (index) => calls[index]?.id ?? index,
    overscan: 12,
  })
  const items = rows.getVirtualItems()
  const last = items.at(-1)?.index ?? 0

  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && !isFetchNextPageError && last >= calls.length - AHEAD)
      void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, isFetchNextPageError, last, calls.length, fetchNextPage])
  useHeldPlace(scroller, calls)
  useKeyboardBack(scroller, selected)

  const move = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && selected !== null) return onSelect(null)
    const at = calls.findIndex((call) => call.id === selected)
    const index = movedTo(event.key, at, calls.length, scroller.current?.clientHeight ?? ROW)
    if (index === null) return
    event.preventDefault()
    onSelect(calls[index]?.id ?? null)
    rows.scrollToIndex(index, { align: 'auto' })
  }

  return (
    <div className={styles['listing-wrap']}>
      <div className={styles.listing}>
        <Columns />
        <div
          ref={scroller}
          className={styles.scroll}
          role="listbox"
          aria-label={say('activity.callList.callsNewestFirst')}
          tabIndex={0}
          aria-activedescendant={selected !== null ? rowId(selected) : undefined}
          onKeyDown={move}
          onScroll={(event) => setAway(event.currentTarget.scrollTop > ROW * 4)}
        >
          <div className={styles.sizer} style={{ height: rows.getTotalSize() }} role="presentation">
            {items.map((item) => {
              const call = calls[item.index]
              return (
                call && (
                  <CallRow
                    key={call.id}
                    call={call}
                    title={titleOf(call)}
                    now={now}
                    top={item.start}
                    position={item.index + 1}
                    count={hasNextPage ? -1 : calls.length}
                    selected={call.id === selected}
                    onSelect={onSelect}
                  />
                )
              )
            })}
          </div>
        </div>
      </div>
      {away && (
        <Button
          size="small"
          className={cx(styles.newest)}
          onClick={() => scroller.current?.scrollTo({ top: 0 })}
        >
          <Icon name="up" size={16} /> {say('activity.callList.newest')}
        </Button>
      )}
    </div>
  )
}

/** The row that a key goes to from row `at` (-1: none), of `count` in a list of `height` pixels; null: the key goes nowhere. */
function movedTo(key: string, at: number, count: number, height: number): number | null {
  const sight = Math.max(1, Math.floor(height / ROW) - 1)
  const to: Record<string, number> = {
    ArrowDown: at + 1,
    ArrowUp: at < 0 ? 0 : at - 1,
    PageDown: at + sight,
    PageUp: at - sight,
    Home: 0,
    End: count - 1,
  }
  const next = to[key]
  return next === undefined || count === 0 ? null : Math.min(count - 1, Math.max(0, next))
}

function Columns() {
  return (
    <div className={styles.columns} aria-hidden="true">
      <span>{say('activity.callList.time')}</span>
      <span className={styles.client}>{say('activity.callList.who')}</span>
      <span>{say('activity.callList.tool')}</span>
      <span className={styles.source}>{say('activity.callList.from')}</span>
      <span>{say('activity.callList.outcome')}</span>
      <span className={styles.took}>{say('activity.callList.took')}</span>
    </div>
  )
}

/** New rows come in on top; who is reading further down keeps the same rows before the eyes. */
function useHeldPlace(scroller: { current: HTMLElement | null }, calls: readonly { id: string }[]) {
  const top = useRef<string | undefined>(undefined)
  useLayoutEffect(() => {
    const element = scroller.current
    const before = top.current
    top.current = calls[0]?.id
    if (!element || before === undefined || element.scrollTop < ROW) return
    const moved = calls.findIndex((call) => call.id === before)
    if (moved > 0) element.scrollTop += moved * ROW
  }, [scroller, calls])
}

/** Once the call that was open is closed, the keys go through the list again. */
function useKeyboardBack(scroller: { current: HTMLElement | null }, selected: string | null) {
  const before = useRef(selected)
  useLayoutEffect(() => {
    const isClosed = before.current !== null && selected === null
    before.current = selected
    if (isClosed && document.activeElement === document.body) scroller.current?.focus({ preventScroll: true })
  }, [scroller, selected])
}
