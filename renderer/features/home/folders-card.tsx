import { say } from '../../../locales/say.ts'
import { useCall } from '../../pipe/host.tsx'
import { Card } from '../../ui/page.tsx'
import { Small } from '../../ui/text.tsx'
import { AddFolderButton } from '../folders/add-folder-button.tsx'
import styles from './home-page.module.css'

/** The quickest thing to ask an assistant about; gone once there is a folder. */
export function FoldersCard() {
  const folders = useCall('folders.list', undefined)
  if (folders.data?.length !== 0) return null
  return (
    <Card className={styles.card} label={say('home.folders.title')}>
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
