import { say } from '../../../locales/say.ts'
import { useCall, useCommand } from '../../pipe/host.tsx'
import { Button } from '../../ui/button.tsx'
import { ConfirmButton } from '../../ui/dialog.tsx'
import { useNow } from '../../ui/hooks/use-now.ts'
import { Card, Section, Setting, Waiting } from '../../ui/page.tsx'
import { Buttons } from '../../ui/text.tsx'
import { dayAndTime } from '../../words/time.ts'
import { keep } from '../approvals/kept.ts'

/** The key for programs that manage servers from outside the app. */
export function ProgramKey() {
  const key = useCall('adminKey.get', undefined)
  const now = useNow(60_000)
  const createdAt = key.data?.createdAt ?? null
  const create = useCommand('adminKey.create', {
    inline: createdAt !== null,
    refreshes: ['adminKey.get'],
    done: (made) => keep({ kind: 'program', made }),
  })
  const remove = useCommand('adminKey.remove', { inline: true, refreshes: ['adminKey.get'] })
  return (
    <Section title={say('settings.programKey.title')}>
      <Waiting on={key} />
      {key.data && (
        <Card lines="close">
          <Setting
            title={
              createdAt === null
                ? say('settings.programKey.noProgramHasA')
                : say('settings.programKey.keyCreated', { when: dayAndTime(createdAt, now) })
            }
            text={say('settings.programKey.withTheKeyPrograms')}
          >
            {createdAt === null ? (
              <Button busy={create.isPending} onClick={() => create.mutate(undefined)}>
                {say('common.createKey')}
              </Button>
            ) : (
              <Buttons>
                <ConfirmButton
                  command={create}
                  input={undefined}
                  question={{
                    title: say('settings.programKey.newTitle'),
                    text: say('settings.programKey.newText'),
                    action: say('settings.programKey.newAction'),
                    keep: say('settings.programKey.newKeep'),
                  }}
                >
                  {say('settings.programKey.newKey')}
                </ConfirmButton>
                <ConfirmButton
                  intent="quiet-danger"
                  command={remove}
                  input={undefined}
                  question={{
                    title: say('settings.programKey.removeTitle'),
                    text: say('settings.programKey.removeText'),
                    action: say('settings.programKey.removeAction'),
                    keep: say('common.keepIt'),
                    danger: true,
                  }}
                >
                  {say('settings.programKey.remove')}
                </ConfirmButton>
              </Buttons>
            )}
          </Setting>
        </Card>
      )}
    </Section>
  )
}
