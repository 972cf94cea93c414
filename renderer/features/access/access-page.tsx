import { useState } from 'react'
import { say } from '../../../locales/say.ts'
import { buttonWords } from '../../../src/contract/agreed/words/button.ts'
import { useCall } from '../../pipe/host.tsx'
import { Button, ButtonLink } from '../../ui/button.tsx'
import { useNow } from '../../ui/hooks/use-now.ts'
import { Icon } from '../../ui/icon.tsx'
import { Card, Empty, Page, Waiting } from '../../ui/page.tsx'
import { Buttons } from '../../ui/text.tsx'
import styles from './access-page.module.css'
import { RegisteredClients } from './clients/registered-clients.tsx'
import { GrantRow } from './grant-row.tsx'
import { CreateKeyDialog } from './keys/create-key-dialog.tsx'
import { RulesSection } from './rules/rules-section.tsx'

/** Who may come in and how far: one row per connected app or key. */
export function AccessPage() {
  const grants = useCall('grants.list', undefined)
  const bridge = useCall('status.get', undefined).data?.bridge
  const [creating, setCreating] = useState(false)
  const now = useNow(30_000)
  return (
    <Page
      title={say('access.title')}
      lead={say('access.lead')}
      action={
        <Button onClick={() => setCreating(true)}>
          <Icon name="plus" size={18} /> {buttonWords.createKey}
        </Button>
      }
    >
      <Waiting on={grants} />
      {grants.data && (
        <Card className={styles.list}>
          {grants.data.length === 0 ? (
            <Empty
              icon="access"
              title={say('access.emptyTitle')}
              text={say('access.emptyText')}
              action={
                <Buttons>
                  <ButtonLink intent="primary" to="/connect/$client" params={{ client: 'chatgpt' }}>
                    {say('common.connectChatgpt')}
                  </ButtonLink>
                </Buttons>
              }
            />
          ) : (
            <ul data-divided>
              {grants.data.map((grant) => (
                <GrantRow key={grant.id} grant={grant} bridge={bridge} now={now} />
              ))}
            </ul>
          )}
        </Card>
      )}
      <RulesSection now={now} />
      <RegisteredClients />
      {creating && <CreateKeyDialog onClose={() => setCreating(false)} />}
    </Page>
  )
}
