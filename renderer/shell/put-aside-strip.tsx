import { say } from '../../locales/say.ts'
import { takeUp, usePutAside } from '../features/approvals/put-aside.ts'
import { useWaiting } from '../features/approvals/use-waiting.ts'
import { Button } from '../ui/button.tsx'
import { useNow } from '../ui/hooks/use-now.ts'
import { countdown } from '../words/time.ts'
import styles from './frame.module.css'

/** On every page: what the user wants to answer later goes on waiting, and is over at some time. */
export function PutAsideStrip() {
  const aside = usePutAside()
  const waiting = useWaiting().filter(({ id }) => aside.has(id))
  const first = waiting[0]
  const now = useNow(1_000, first !== undefined)
  if (!first) return null
  const until = Math.min(
    ...waiting.map((item) => (item.kind === 'connection' ? item.request : item.approval).expiresAt),
  )
  return (
    <section className={styles.strip} aria-label={say('putAside.putAside')}>
      <span>{say('putAside.waiting', { count: waiting.length, left: countdown(until, now) })}</span>
      <Button size="small" onClick={() => takeUp(first.id)}>
        {say('putAside.answerNow')}
      </Button>
    </section>
  )
}
