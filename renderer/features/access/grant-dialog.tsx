import { say } from '../../../locales/say.ts'
import type { Grant } from '../../../src/contract/access.ts'
import { signsInWithBrowser } from '../../../src/contract/agreed/revoke-means.ts'
import type { Input } from '../../../src/contract/api.ts'
import type { Bridge } from '../../../src/contract/status.ts'
import { useCommand } from '../../pipe/host.tsx'
import { Button } from '../../ui/button.tsx'
import { ConfirmButton } from '../../ui/dialog.tsx'
import { TextField } from '../../ui/field.tsx'
import { FormDialog, useForm } from '../../ui/form-dialog.tsx'
import { useChanges } from '../../ui/hooks/use-changes.ts'
import { useNow } from '../../ui/hooks/use-now.ts'
import { showDone } from '../../ui/toasts.tsx'
import { abilityWords, expiryAt, expiryOf, limitsProblem } from '../../words/limits.ts'
import { day } from '../../words/time.ts'
import { whereTo } from '../../words/where-to.ts'
import { wrongIn } from '../../words/wrong.ts'
import styles from './access-page.module.css'
import { AccessChoice } from './choose/access-choice.tsx'
import { Limits } from './choose/limits.tsx'
import { useSourceName } from './choose/use-choices.ts'
import { SessionList } from './session-list.tsx'

interface GrantDialogProps {
  grant: Grant
  bridge: Bridge | undefined
  onClose(): void
  onRevoke(): void
}

/** Everything about one entry: its name, how far it may go, until when, and where it is signed in. */
export function GrantDialog({ grant, bridge, onClose, onRevoke }: GrantDialogProps) {
  const now = useNow(30_000)
  const sourceName = useSourceName()
  const { value, change, wrong, form } = useGrantForm(grant, now, onClose)
  return (
    <FormDialog
      onClose={onClose}
      title={grant.name}
      text={[
        say(grant.kind === 'key' ? 'access.grant.keyCreated' : 'access.grant.letIn', {
          day: day(grant.createdAt),
        }),
        grant.redirectHost && say('access.grant.goesBackTo', { host: whereTo(grant.redirectHost) }),
        grant.workspace !== 'default' && say('access.grant.workspace', { workspace: grant.workspace }),
        grant.scopes != null && abilityWords(grant.scopes, sourceName),
      ]
        .filter(Boolean)
        .join(' · ')}
      form={form}
      action={say('common.save')}
    >
      <TextField
        label={say('common.name')}
        value={value.name}
        onChange={(name) => change({ name })}
        maxLength={40}
        wrong={wrong.name}
      />
      <AccessChoice value={value.access} onChange={(access) => change({ access })} />
      <Limits
        workspace={grant.workspace}
        value={value}
        onChange={({ tools, expiry }) => change({ tools, expiry })}
        now={now}
        problem={wrong.limits}
      />
      {signsInWithBrowser(grant) && <SessionList sessions={grant.sessions} bridge={bridge} now={now} />}
      <div className={styles.ends}>
        {signsInWithBrowser(grant) && <AskAgain grant={grant} />}
        <Button intent="quiet-danger" size="small" onClick={onRevoke}>
          {say('access.grant.revoke')}
        </Button>
      </div>
    </FormDialog>
  )
}

/** Starts from what is; only what was changed is sent. */
function useGrantForm(grant: Grant, now: number, onClose: () => void) {
  const { value, changes, change } = useChanges({
    ...{ name: grant.name, access: grant.access, tools: grant.tools },
    expiry: expiryOf(grant.expiresAt),
  })
  const { name, expiry, ...others } = changes
  const update = useCommand('grants.update', { inline: true, refreshes: ['grants.list'], leave: onClose })
  const input: Input<'grants.update'> = {
    id: grant.id,
    // Names that apps gave themselves may have signs a typed one may not: sent only when changed.
    ...(name === undefined || name.trim() === grant.name ? {} : { name }),
    ...(expiry !== undefined && { expiresAt: expiryAt(expiry, now) }),
    ...others,
  }
  // An end that is over already and was not touched must not keep the rest from being saved.
  const isLimited = 'tools' in changes || 'expiry' in changes
  const wrongLimits = isLimited ? limitsProblem(value, now) : undefined
  const ready = (wrongLimits ?? wrongIn('grants.update', input)) === undefined
  const save = () => (Object.keys(input).length === 1 ? onClose() : update.mutate(input))
  const form = useForm({ ...update, mutate: save }, ready ? input : null)
  return {
    value,
    change,
    wrong: form.tried ? { name: wrongIn('grants.update', input, 'name'), limits: wrongLimits } : {},
    form,
  }
}

function AskAgain({ grant }: { grant: Grant }) {
  const again = useCommand('grants.askAgain', {
    inline: true,
    refreshes: ['grants.list'],
    done: () => showDone(say('access.askAgain.done', { name: grant.name })),
  })
  return (
    <ConfirmButton
      intent="quiet"
      size="small"
      command={again}
      input={{ id: grant.id }}
      question={{
        title: say('access.askAgain.title', { name: grant.name }),
        text: say('access.askAgain.text'),
        action: say('access.askAgain.action'),
        keep: say('access.askAgain.keep'),
      }}
    >
      {say('access.askAgain.button')}
    </ConfirmButton>
  )
}
