import { useRef, useState } from 'react'
import { say } from '../../../locales/say.ts'
import type { Input } from '../../../src/contract/api.ts'
import type { Connector, ConnectorAccount, ConnectorField } from '../../../src/contract/connectors.ts'
import { useCommand } from '../../pipe/host.tsx'
import { ConfirmButton } from '../../ui/dialog.tsx'
import { TextField } from '../../ui/field.tsx'
import { FormDialog, useForm } from '../../ui/form-dialog.tsx'
import { differing } from '../../ui/hooks/use-changes.ts'
import { Small } from '../../ui/text.tsx'
import { showDone } from '../../ui/toasts.tsx'
import { wrongIn } from '../../words/wrong.ts'
import styles from '../servers/form/add-server.module.css'

interface ConnectorDialogProps {
  connector: Connector
  /** Null: another one. */
  account: ConnectorAccount | null
  onClose(): void
}

/** What a connector can be told, for one account. */
export function ConnectorDialog({ connector, account, onClose }: ConnectorDialogProps) {
  const first = useRef<HTMLElement>(null)
  const { kept, save, test } = useSaving(connector, account, onClose)
  const { name, setName, values, setValue, input, draft } = useTyped(connector, kept)
  const wrong = wrongIn('connectors.save', input)
  const lacks = ({ name, required }: ConnectorField) =>
    required && !values[name]?.trim() && kept?.secrets.includes(name) !== true
  const [sent, setSent] = useState<string | null>(null)
  const mutate = (input: Input<'connectors.save'>) => {
    setSent(draft)
    save.mutate(input)
  }
  const saving = useForm(
    { ...save, mutate },
    wrong === undefined && !connector.fields.some(lacks) ? input : null,
  )
  // The service does not know the key: what was typed is kept all the same.
  const isSaved = test.error !== null && sent === draft
  const form = { ...saving, busy: saving.busy || test.isPending, error: saving.error ?? test.error }
  const isNamed = account !== null || connector.accounts.some(({ id }) => id !== kept?.id)
  return (
    <FormDialog
      onClose={onClose}
      focus={first}
      title={
        account
          ? say('connectors.changeAccount', { account: account.name })
          : say('connectors.setUpOne', { name: connector.name })
      }
      text={connector.about}
      form={form}
      action={say('common.save')}
      {...(isSaved && { onlyCopy: false, leave: say('common.close') })}
    >
      {connector.fields.map((field, index) => (
        <AccountField
          key={field.name}
          {...(index === 0 && { ref: first })}
          field={field}
          isKept={kept?.secrets.includes(field.name) === true}
          wrong={form.tried && lacks(field) ? say('connectors.lacks') : undefined}
          value={values[field.name] ?? ''}
          onChange={(next) => setValue(field.name, next)}
        />
      ))}
      {isNamed && (
        <TextField
          label={say('connectors.accountName')}
          value={name}
          onChange={setName}
          maxLength={40}
          hint={say('connectors.accountHint')}
          wrong={form.tried ? wrong : undefined}
        />
      )}
      {test.error !== null && <Small>{say('connectors.savedAnyway')}</Small>}
      {account && <RemoveAccount account={account} onDone={onClose} />}
    </FormDialog>
  )
}

/** What is typed over what is known of an account. The host leaves a field that is not sent as it is. */
function useTyped(connector: Connector, kept: ConnectorAccount | null) {
  const [name, setName] = useState<string | null>(null)
  const [typed, setTyped] = useState<Record<string, string>>({})
  // Another window may have changed it meanwhile.
  const live = connector.accounts.find(({ id }) => id === kept?.id) ?? kept
  const isSecret = (field: string) =>
    connector.fields.some((one) => one.name === field && one.kind === 'secret')
  const changed = Object.entries(differing(live?.values ?? {}, typed) as Record<string, string>)
  const told = changed.filter(([field, value]) => value !== '' || !isSecret(field))
  const isRenamed = name !== null && name.trim() !== '' && name.trim() !== live?.name
  return {
    ...{ name: name ?? live?.name ?? '', setName },
    values: { ...live?.values, ...typed } as Record<string, string>,
    setValue: (field: string, next: string) => setTyped((old) => ({ ...old, [field]: next })),
    draft: JSON.stringify([name, typed]),
    input: {
      slug: connector.slug,
      ...(live && { id: live.id }),
      ...(isRenamed && { name }),
      values: Object.fromEntries(told),
    },
  }
}

/** Saves, and then asks the service at once: a key that does not work is said where it was typed. */
function useSaving(connector: Connector, account: ConnectorAccount | null, onClose: () => void) {
  /** As it was saved last: what is corrected afterwards is the same one. */
  const [kept, setKept] = useState(account)
  const test = useCommand('connectors.test', {
    inline: true,
    done: ({ message }) => showDone(message),
    leave: onClose,
  })
  const save = useCommand('connectors.save', {
    inline: true,
    refreshes: ['connectors.list'],
    done: (saved) => {
      setKept(saved)
      // Whether a key works is best known while it is still at hand; before, "is set up" would promise too much.
      if (saved.secrets.length === 0) showDone(say('connectors.isSetUp', { name: connector.name }))
    },
    leave: (saved) => (saved.secrets.length > 0 ? test.mutate({ id: saved.id }) : onClose()),
  })
  return { kept, save, test }
}

interface AccountFieldProps {
  field: ConnectorField
  isKept: boolean
  wrong: string | undefined
  value: string
  onChange(next: string): void
  ref?: React.Ref<HTMLElement>
}

function AccountField({ field, isKept, wrong, value, onChange, ref }: AccountFieldProps) {
  const hint = isKept ? say('connectors.keptHint', { hint: field.hint }) : field.hint
  const scopes = field.scopes.join(', ')
  return (
    <TextField
      ref={ref}
      label={field.label}
      hint={scopes === '' ? hint : say('connectors.wantsScopes', { hint, scopes })}
      placeholder={field.placeholder}
      value={value}
      wrong={wrong}
      onChange={onChange}
      mono={field.kind !== 'text'}
      {...(field.kind === 'list' && { lines: 4 })}
      {...(field.kind === 'secret' && { type: 'password' as const })}
    />
  )
}

function RemoveAccount({ account, onDone }: { account: ConnectorAccount; onDone(): void }) {
  const remove = useCommand('connectors.remove', {
    inline: true,
    refreshes: ['connectors.list'],
    done: () => showDone(say('connectors.forgotten', { account: account.name })),
    leave: onDone,
  })
  return (
    <ConfirmButton
      size="small"
      className={styles.add}
      command={remove}
      input={{ id: account.id }}
      question={{
        title: say('connectors.forgetTitle', { account: account.name }),
        text: say('connectors.forgetText'),
        action: say('connectors.forget'),
        danger: true,
      }}
    >
      {say('connectors.forgetAccount')}
    </ConfirmButton>
  )
}
