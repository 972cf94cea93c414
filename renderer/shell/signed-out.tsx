import icon from '../../assets/icon.svg'
import { say } from '../../locales/say.ts'
import { Button } from '../ui/button.tsx'
import styles from './signed-out.module.css'

/** The host answers but does not know this browser: only the printed link lets it in. */
export function SignedOut() {
  return (
    <main className={styles.page}>
      <img src={icon} alt="" width={72} height={72} />
      <h1 className={styles.title}>{say('shell.signedOut.openTheLinkThat')}</h1>
      <p className={styles.text}>{say('shell.signedOut.thisBrowserIsNot')}</p>
      <Button onClick={() => location.reload()}>{say('common.tryAgain')}</Button>
    </main>
  )
}
