import { useNavigate } from '@tanstack/react-router'
import { say } from '../../../locales/say.ts'
import type { ClientKind } from '../../../src/contract/access.ts'
import { Button } from '../../ui/button.tsx'
import { cx } from '../../ui/cx.ts'
import { Card } from '../../ui/page.tsx'
import { Small } from '../../ui/text.tsx'
import { useOpenWindow } from '../connect/use-open-window.ts'
import styles from './home-page.module.css'

/** The way in for a new assistant. Pressing opens the public address and the ten minutes at once. */
export function ConnectCard({ first, raised }: { first: boolean; raised: boolean }) {
  const navigate = useNavigate()
  const open = useOpenWindow()
  const go = (client: ClientKind) => {
    open.mutate({ client })
    void navigate({ to: '/connect/$client', params: { client } })
  }
  return (
    <Card className={styles.card}>
      <h2 className={styles.heading}>
        {first ? say('home.connect.connectYourFirstAssistant') : say('home.connect.connectAnAssistant')}
      </h2>
      <Small>
        {say('home.connect.text')}
        {raised && ` ${say('home.connect.lowers')}`}
      </Small>
      <div className={styles.connect}>
        <Button intent="primary" size="large" onClick={() => go('chatgpt')}>
          {say('common.connectChatgpt')}
        </Button>
        <div className={cx(styles.others)}>
          <Button onClick={() => go('claude')}>{say('home.connect.claude')}</Button>
          <Button onClick={() => go('other')}>{say('home.connect.anotherApp')}</Button>
        </div>
      </div>
    </Card>
  )
}
