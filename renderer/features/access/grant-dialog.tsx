import { useState } from 'react'
import { say } from '../../../locales/say.ts'
import type { Grant } from '../../../src/contract/access.ts'
import { signsInWithBrowser } from '../../../src/contract/agreed/revoke-means.ts'
import { api, type Input } from '../../../src/contract/api.ts'
import type { Bridge } from '../../../src/contract/status.ts'
import { keyOf, problemOf, useCommand } from '../../pipe/host.tsx'
import { Button } from '../../ui/button.tsx'
import { ConfirmDialog, DialogActions, FormDialog } from '../../ui/dialog.tsx'
import { TextField } from '../../ui/field.tsx'
import { Problem } from '../../ui/problem.tsx'
import { showDone } from '../../ui/toasts.tsx'
import { useNow } from '../../ui/use-now.ts'
import { expiryAt, expiryOf, type LimitsValue, limitsProblem } from '../../words/limits.ts'
import { day } from '../../words/time.ts'
import { whereTo } from '../../words/where-to.ts'
import styles from './access-page.module.css'
import { AccessChoice } from './choose/access-choice.tsx'
import { Limits } from './choose/limits.tsx'
import { SessionList } from './session-list.tsx'

interface GrantDialogProps {
  grant: Grant
  bridge: Bridge | undefined
  open: boolean
  onClose(): void
  onRevoke(): void
}

/** Everything about one entry: its name, how far it may go, until when, and where it is signed in. */
export function GrantDialog({ grant, bridge, open, onClose, onRevoke }: GrantDialogProps) {
  return (
    <FormDialog
      open={open}
      onClose={onClose}
      title={grant.name}
      text={[
        say(grant.kind === 'key' ? 'access.grant.keyCreated' : 'access.grant.letIn', {
          day: day(grant.createdAt),
        }),
        grant.redirectHost && say('access.grant.goesBackTo', { host: whereTo(grant.redirectHost) }),
        grant.workspace !== 'default' && say('access.grant.workspace', { workspace: grant.workspace }),
      ]
        .filter(Boolean)
        .join(' · ')}
    >
      <GrantForm grant={grant} bridge={bridge} onClose={onClose} onRevoke={onRevoke} />
    </FormDialog>
  )
}

/** Lives only while the dialog is open, so each opening starts from what is. */
function GrantForm({ grant, bridge, onClose, onRevoke }: Omit<GrantDialogProps, 'open'>) {
  const [name, setName] = useState(grant.name)
  const [access, setAccess] = useState(grant.access)
  const [before] = useState<LimitsValue>({ tools: grant.tools, expiry: expiryOf(grant.expiresAt) })
  const [limits, setLimits] = useState(before)
  const [tried, setTried] = useState(false)
  const now = useNow(30_000)
  const update = useCommand('grants.update', {
    inline: true,
    done: (_grant, client) => {
      void client.invalidateQueries({ queryKey: keyOf('grants.list') })
      onClose()
    },
  })
  const expiresAt = expiryAt(limits.expiry, now)
  const input: Input<'grants.update'> = {
    id: grant.id,
    // Names that apps gave themselves may have signs a typed one may not: sent only when changed.
    ...(name.trim() === grant.name ? {} : { name }),
    ...(access === grant.access ? {} : { access }),
    ...(JSON.stringify(limits.tools) === JSON.stringify(grant.tools) ? {} : { tools: limits.tools }),
    ...(expiresAt === grant.expiresAt ? {} : { expiresAt }),
  }
  const checked = api['grants.update'].input.safeParse(input)
  const wrongName = checked.error?.issues.find((issue) => issue.path[0] === 'name')?.message
  // An end that is over already and was not touched must not keep the rest from being saved.
  const wrongLimits = limits !== before ? limitsProblem(limits, now) : undefined

  return (
    <form
      className={styles.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        setTried(true)
        if (!checked.success || wrongLimits !== undefined || update.isPending) return
        if (Object.keys(input).length === 1) onClose()
        else update.mutate(input)
      }}
    >
      <TextField
        label={say('common.name')}
        value={name}
        onChange={setName}
        maxLength={40}
        wrong={tried ? wrongName : undefined}
      />
      <AccessChoice value={access} onChange={setAccess} />
      <Limits
        workspace={grant.workspace}
        value={limits}
        onChange={setLimits}
        now={now}
        problem={tried ? wrongLimits : undefined}
      />
      {signsInWithBrowser(grant) && <SessionList sessions={grant.sessions} bridge={bridge} now={now} />}
      <div className={styles.ends}>
        {signsInWithBrowser(grant) && <AskAgain grant={grant} />}
        <Button intent="quiet-danger" size="small" onClick={onRevoke}>
          {say('access.grant.revoke')}
        </Button>
      </div>
      {update.error !== null && <Problem problem={problemOf(update.error)} />}
      <DialogActions
        safe={<Button onClick={onClose}>{say('common.cancel')}</Button>}
        act={
          <Button intent="primary" type="submit" busy={update.isPending}>
            {say('common.save')}
          </Button>
        }
      />
    </form>
  )
}

function AskAgain({ grant }: { grant: Grant }) {
  const [asking, setAsking] = useState(false)
  const again = useCommand('grants.askAgain', {
    inline: true,
    done: (_grant, client) => {
      void client.invalidateQueries({ queryKey: keyOf('grants.list') })
      showDone(say('access.askAgain.done', { name: grant.name }))
      setAsking(false)
    },
  })
  return (
    <>
      <Button intent="quiet" size="small" onClick={() => setAsking(true)}>
        {say('access.askAgain.button')}
      </Button>
      <ConfirmDialog
        open={asking}
        onClose={() => setAsking(false)}
        title={say('access.askAgain.title', { name: grant.name })}
        text={say('access.askAgain.text')}
        action={say('access.askAgain.action')}
        keep={say('access.askAgain.keep')}
        busy={again.isPending}
        problem={again.error ? problemOf(again.error) : null}
        onConfirm={() => again.mutate({ id: grant.id })}
      />
    </>
  )
}
