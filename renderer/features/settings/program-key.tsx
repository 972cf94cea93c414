import { useState } from 'react'
import { keyOf, problemOf, useCall, useCommand } from '../../pipe/host.tsx'
import { Button } from '../../ui/button.tsx'
import { ConfirmDialog } from '../../ui/dialog.tsx'
import { Card, Section, Waiting } from '../../ui/page.tsx'
import { useNow } from '../../ui/use-now.ts'
import { dayAndTime } from '../../words/time.ts'
import { keep } from '../approvals/kept.ts'
import styles from './settings-page.module.css'

/** The key for programs that manage servers from outside the app. */
export function ProgramKey() {
  const key = useCall('adminKey.get', undefined)
  const [asking, setAsking] = useState<'replace' | 'remove' | null>(null)
  const now = useNow(60_000)
  const create = useCommand('adminKey.create', {
    inline: asking !== null,
    done: (output, client) => {
      setAsking(null)
      keep({ kind: 'program', made: output })
      void client.invalidateQueries({ queryKey: keyOf('adminKey.get') })
    },
  })
  const remove = useCommand('adminKey.remove', {
    inline: true,
    done: (_output, client) => {
      setAsking(null)
      void client.invalidateQueries({ queryKey: keyOf('adminKey.get') })
    },
  })
  const createdAt = key.data?.createdAt ?? null
  return (
    <Section title="Programs on this computer">
      <Waiting on={key} />
      {key.data && (
        <Card className={styles.card}>
          <div className={styles.switch}>
            <div>
              <p className={styles.strong}>
                {createdAt === null ? 'No program has a key' : `Key, created ${dayAndTime(createdAt, now)}`}
              </p>
              <p className={styles.small}>
                With the key, programs on this computer can list and add servers, stop and remove them, and
                read your log. They cannot start anything you have not looked at: what they add waits for you
                under Tools.
              </p>
            </div>
            {createdAt === null ? (
              <Button busy={create.isPending} onClick={() => create.mutate(undefined)}>
                Create a key
              </Button>
            ) : (
              <div className={styles.pair}>
                <Button onClick={() => setAsking('replace')}>New key…</Button>
                <Button intent="quiet-danger" onClick={() => setAsking('remove')}>
                  Remove…
                </Button>
              </div>
            )}
          </div>
        </Card>
      )}
      <ConfirmDialog
        open={asking === 'replace'}
        onClose={() => setAsking(null)}
        title="Create a new key?"
        text="The one there is stops working at once. Programs that use it need the new one."
        action="Create a new key"
        keep="Keep the old one"
        busy={create.isPending}
        problem={create.error ? problemOf(create.error) : null}
        onConfirm={() => create.mutate(undefined)}
      />
      <ConfirmDialog
        open={asking === 'remove'}
        onClose={() => setAsking(null)}
        title="Remove the key?"
        text="Programs that use it can do nothing here any more. Servers they added stay."
        action="Remove the key"
        keep="Keep it"
        danger
        busy={remove.isPending}
        problem={remove.error ? problemOf(remove.error) : null}
        onConfirm={() => remove.mutate(undefined)}
      />
    </Section>
  )
}
