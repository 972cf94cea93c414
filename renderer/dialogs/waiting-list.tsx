import { Button } from '../parts/button.tsx'
import { Card } from '../parts/page.tsx'
import { LONGEST_TITLE, Plain } from '../parts/plain.tsx'
import { useNow } from '../parts/use-now.ts'
import { countdown } from '../words/time.ts'
import { takeUp } from './put-aside.ts'
import { useWaiting, type WaitingItem } from './use-waiting.ts'
import styles from './waiting-list.module.css'

function Asks({ item }: { item: WaitingItem }) {
  if (item.kind === 'connection')
    return (
      <>
        “<Plain text={item.request.clientName} longest={LONGEST_TITLE} />” asks to be let in
      </>
    )
  const { clientName, toolTitle, tool } = item.approval
  return (
    <>
      <Plain text={clientName} written longest={LONGEST_TITLE} /> wants to use “
      <Plain text={toolTitle || tool} written longest={LONGEST_TITLE} />”
    </>
  )
}

/** On Home: requests put aside are still waiting, and easy to find again. */
export function WaitingList() {
  const waiting = useWaiting()
  const now = useNow(1_000, waiting.length > 0)
  if (waiting.length === 0) return null
  return (
    <Card className={styles.card} label="Waiting for your answer">
      <ul>
        {waiting.map((item) => {
          const until = item.kind === 'connection' ? item.request.expiresAt : item.approval.expiresAt
          return (
            <li key={item.id} className={styles.item}>
              <div className={styles.words}>
                <p className={styles.title}>
                  <Asks item={item} />
                </p>
                <p className={styles.small}>Waiting for your answer, {countdown(until, now)} left</p>
              </div>
              <Button intent="primary" onClick={() => takeUp(item.id)}>
                Answer
              </Button>
            </li>
          )
        })}
      </ul>
    </Card>
  )
}
