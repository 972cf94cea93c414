import { type ReactNode, useState } from 'react'
import { say } from '../../../../locales/say.ts'
import styles from './add-server.module.css'

/** What few people need, out of the way; opened by itself when something in it is wrong. */
export function More({ wrong, children }: { wrong: boolean; children: ReactNode }) {
  const [opened, setOpened] = useState(false)
  return (
    <details
      className={styles.more}
      open={opened || wrong}
      onToggle={(event) => setOpened(event.currentTarget.open)}
    >
      <summary>{say('tools.more.moreOptions')}</summary>
      <div className={styles.form}>{children}</div>
    </details>
  )
}
