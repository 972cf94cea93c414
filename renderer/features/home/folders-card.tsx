import { say } from '../../../locales/say.ts'
import { cx } from '../../ui/cx.ts'
import { Card } from '../../ui/page.tsx'
import { Small } from '../../ui/text.tsx'
import { AddFolderButton } from '../folders/add-folder-button.tsx'
import styles from './home-page.module.css'

/** What is quickest to ask an assistant about, for who has no folder yet. */
export function FoldersCard({ isWide }: { isWide: boolean }) {
  return (
    <Card className={cx(styles.card, isWide && styles.wide)} label={say('home.folders.title')}>
      <div className={styles.offer}>
        <div className={styles['mover-words']}>
          <h2 className={styles.heading}>{say('home.folders.title')}</h2>
          <Small>{say('home.folders.text')}</Small>
        </div>
        <AddFolderButton size="large" />
      </div>
    </Card>
  )
}
