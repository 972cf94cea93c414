import { useState } from 'react'
import { say } from '../../../locales/say.ts'
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
    <Section title={say('settings.programKey.title')}>
      <Waiting on={key} />
      {key.data && (
        <Card className={styles.card}>
          <div className={styles.switch}>
            <div>
              <p className={styles.strong}>
                {createdAt === null
                  ? say('settings.programKey.noProgramHasA')
                  : say('settings.programKey.keyCreated', { when: dayAndTime(createdAt, now) })}
              </p>
              <p className={styles.small}>{say('settings.programKey.withTheKeyPrograms')}</p>
            </div>
            {createdAt === null ? (
              <Button busy={create.isPending} onClick={() => create.mutate(undefined)}>
                {say('common.createKey')}
              </Button>
            ) : (
              <div className={styles.pair}>
                <Button onClick={() => setAsking('replace')}>{say('settings.programKey.newKey')}</Button>
                <Button intent="quiet-danger" onClick={() => setAsking('remove')}>
                  {say('settings.programKey.remove')}
                </Button>
              </div>
            )}
          </div>
        </Card>
      )}
      <ConfirmDialog
        open={asking === 'replace'}
        onClose={() => setAsking(null)}
        title={say('settings.programKey.newTitle')}
        text={say('settings.programKey.newText')}
        action={say('settings.programKey.newAction')}
        keep={say('settings.programKey.newKeep')}
        busy={create.isPending}
        problem={create.error ? problemOf(create.error) : null}
        onConfirm={() => create.mutate(undefined)}
      />
      <ConfirmDialog
        open={asking === 'remove'}
        onClose={() => setAsking(null)}
        title={say('settings.programKey.removeTitle')}
        text={say('settings.programKey.removeText')}
        action={say('settings.programKey.removeAction')}
        keep={say('common.keepIt')}
        danger
        busy={remove.isPending}
        problem={remove.error ? problemOf(remove.error) : null}
        onConfirm={() => remove.mutate(undefined)}
      />
    </Section>
  )
}
