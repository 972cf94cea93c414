import { useEffect, useRef, useState } from 'react'
import { say } from '../../../locales/say.ts'
import { useCall } from '../../pipe/host.tsx'
import { Button } from '../../ui/button.tsx'
import { useIsHere } from '../../ui/hooks/use-is-here.ts'
import { Card } from '../../ui/page.tsx'
import { LONGEST_TITLE, Plain, Quoted } from '../../ui/plain.tsx'
import { rich } from '../../ui/rich.tsx'
import { Small } from '../../ui/text.tsx'
import { hostOf } from '../../words/server.ts'
import styles from '../approvals/waiting-list.module.css'
import { DraftDialog } from './draft-dialog.tsx'

/** However many a program or a pasted text adds, the page below must stay in reach. */
const SHOWN = 4

/**
 * Servers that a program or a pasted text brought, on Home and Tools. They are a card and no dialog of their own accord: a program must
 * not be able to put windows before the user.
 */
export function DraftList() {
  const servers = useCall('servers.list', undefined)
  const [open, setOpen] = useState<string | null>(null)
  const isHere = useIsHere()
  const opened = useRef(open)
  useEffect(() => {
    opened.current = open
  }, [open])
  const drafts = (servers.data ?? []).filter((server) => server.state === 'draft')
  // Once it is being started it is no draft any more, but what becomes of it has to be said where it was asked.
  const shown = servers.data?.find((server) => server.id === open && server.state !== 'running')
  return (
    <>
      {drafts.length > 0 && (
        <Card className={styles.card} label={say('servers.draftList.waitingForTheirFirst')}>
          <ul data-divided>
            {drafts.slice(0, SHOWN).map((draft) => (
              <li key={draft.id} className={styles.item}>
                <div className={styles.words}>
                  <p className={styles.title}>
                    {rich('servers.draftList.waitsForItsFirst', {
                      name: <Quoted text={draft.name} longest={LONGEST_TITLE} />,
                    })}
                  </p>
                  <Small>
                    <Plain
                      text={
                        draft.kind === 'stdio'
                          ? say('servers.draftList.itWouldRunA')
                          : say('servers.draftList.itWouldConnectTo', { host: hostOf(draft.url) })
                      }
                    />
                  </Small>
                </div>
                <Button
                  intent="primary"
                  aria-label={say('servers.draftList.lookAt', { name: draft.name })}
                  onClick={() => setOpen(draft.id)}
                >
                  {say('servers.draftList.look')}
                </Button>
              </li>
            ))}
          </ul>
          {drafts.length > SHOWN && (
            <p className={styles.rest}>
              {say('servers.draftList.moreAfterThese', { more: drafts.length - SHOWN })}
            </p>
          )}
        </Card>
      )}
      {shown && (
        <DraftDialog
          key={shown.fingerprint}
          draft={shown}
          onClose={() => setOpen(null)}
          isOpen={() => isHere() && opened.current === shown.id}
        />
      )}
    </>
  )
}
