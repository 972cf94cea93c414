import icon from '../../assets/icon.svg'
import { Button } from '../ui/button.tsx'
import styles from './signed-out.module.css'

/** The host answers but does not know this browser: only the printed link lets it in. */
export function SignedOut() {
  return (
    <main className={styles.page}>
      <img src={icon} alt="" width={72} height={72} />
      <h1 className={styles.title}>Open the link that Drawbridge printed</h1>
      <p className={styles.text}>
        This browser is not signed in, or Drawbridge was started anew. The link is in the window where
        Drawbridge was started; “drawbridge status” prints a fresh one.
      </p>
      <Button onClick={() => location.reload()}>Try again</Button>
    </main>
  )
}
