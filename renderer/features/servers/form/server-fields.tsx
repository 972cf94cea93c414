import type { RefObject } from 'react'
import { say } from '../../../../locales/say.ts'
import { Button } from '../../../ui/button.tsx'
import { Check } from '../../../ui/check.tsx'
import { Choice } from '../../../ui/choice.tsx'
import { FieldGroup, TextField } from '../../../ui/field.tsx'
import { Icon } from '../../../ui/icon.tsx'
import { limitChoices } from '../../../words/server.ts'
import styles from './add-server.module.css'
import { CommandPreview } from './command-preview.tsx'
import { More } from './more.tsx'
import { PairsField } from './pairs-field.tsx'
import { type ServerForm, USUAL_TIMEOUT, type Wrong } from './server-form.ts'

interface FieldsProps {
  form: ServerForm
  wrong: Wrong
  change(patch: Partial<ServerForm>): void
  first: RefObject<HTMLElement | null>
}

/** A program on this computer. */
export function ProgramFields({
  form,
  wrong,
  change,
  first,
  unread = false,
  reads = false,
}: FieldsProps & {
  /** What stands there is no command, so it is not shown as one. */
  unread?: boolean
  /** Other things than a command are understood here as well. */
  reads?: boolean
}) {
  return (
    <>
      <TextField
        ref={first}
        label={say('servers.form.command')}
        mono
        lines={2}
        value={form.line}
        onChange={(line) => change({ line })}
        placeholder="npx -y @modelcontextprotocol/server-filesystem /home/me/Documents"
        hint={reads ? say('servers.form.pasteAnything') : say('servers.form.theProgramAndWhat')}
        wrong={wrong.line}
      />
      {!unread && <CommandPreview line={form.line} cwd={form.cwd} env={form.env} confined={form.confined} />}
      <PairsField
        label={say('servers.form.keysAndPasswordsIt')}
        hint={say('servers.form.keptWithYourOther')}
        add={say('servers.form.addAValue')}
        pairs={form.env}
        wrong={wrong.pairs}
        onChange={(env) => change({ env })}
      />
      <Check
        label={say('servers.form.onlyItsOwnFolder')}
        text={say('servers.form.onlyItsOwnFolderText')}
        checked={form.confined}
        onChange={(confined) => change({ confined })}
      />
      <More wrong={wrong.cwd !== undefined}>
        <TextField
          label={say('servers.form.folderToStartIt')}
          mono
          value={form.cwd}
          onChange={(cwd) => change({ cwd })}
          placeholder="/home/me/notes"
          hint={form.confined ? say('servers.form.theOnlyOneIt') : say('servers.form.leaveItEmptyFor')}
          wrong={wrong.cwd}
        />
        <TimeLimit form={form} change={change} />
      </More>
    </>
  )
}

/** A server that runs somewhere else, or already. */
export function AddressFields({
  form,
  wrong,
  change,
  first,
  signedIn = false,
  reads = false,
}: Omit<FieldsProps, 'first'> & { first?: FieldsProps['first']; signedIn?: boolean; reads?: boolean }) {
  return (
    <>
      <TextField
        {...(first && { ref: first })}
        label={say('servers.form.address')}
        mono
        type="url"
        {...(reads && { onPasteLines: (url: string) => change({ url }) })}
        value={form.url}
        onChange={(url) => change({ url })}
        placeholder="https://example.com/mcp"
        hint={
          signedIn
            ? say('servers.form.withAnotherAddressYou')
            : reads
              ? say('servers.form.orPasteWhatThe')
              : undefined
        }
        wrong={wrong.url}
      />
      <TextField
        label={say('servers.form.keyIfItGave')}
        mono
        type="password"
        value={form.key}
        onChange={(key) => change({ key })}
        placeholder={form.keyKept ? say('servers.form.kept') : undefined}
        hint={
          form.keyKept
            ? say('servers.form.sentAsAuthorization')
            : say('servers.form.sentAsAuthorizationOrSignIn')
        }
        wrong={wrong.key}
      />
      {form.keyKept && (
        <Button
          intent="quiet"
          size="small"
          className={styles.add}
          fills
          onClick={() => change({ keyKept: false, key: '' })}
        >
          <Icon name="cross" size={16} /> {say('servers.form.takeTheKeyOut')}
        </Button>
      )}
      <PairsField
        label={say('servers.form.otherHeadersItNeeds')}
        hint={say('servers.form.forExampleXTenant')}
        add={say('servers.form.addAHeader')}
        placeholder="X-Tenant"
        pairs={form.headers}
        wrong={wrong.pairs}
        onChange={(headers) => change({ headers })}
      />
      <More wrong={wrong.clientId !== undefined}>
        <Check
          label={say('servers.form.olderKind')}
          text={say('servers.form.olderKindText')}
          checked={form.older}
          onChange={(older) => change({ older })}
        />
        <TimeLimit form={form} change={change} />
        <RegisteredByHand form={form} wrong={wrong} change={change} />
      </More>
    </>
  )
}

function RegisteredByHand({ form, wrong, change }: Omit<FieldsProps, 'first'>) {
  return (
    <FieldGroup
      legend={say('servers.form.ifItsProviderRegistered')}
      hint={say('servers.form.mostServersDoNot')}
    >
      <div className={styles.form}>
        <TextField
          label={say('common.clientId')}
          mono
          value={form.clientId}
          onChange={(clientId) => change({ clientId })}
          wrong={wrong.clientId}
        />
        <TextField
          label={say('common.clientSecret')}
          mono
          type="password"
          value={form.clientSecret}
          onChange={(clientSecret) => change({ clientSecret })}
        />
        <TextField
          label={say('common.scopes')}
          mono
          value={form.scopes}
          onChange={(scopes) => change({ scopes })}
          hint={say('servers.form.withSpacesBetweenThem')}
        />
      </div>
    </FieldGroup>
  )
}

function TimeLimit({ form, change }: Pick<FieldsProps, 'form' | 'change'>) {
  const toStart = form.startTimeout ?? Math.max(USUAL_TIMEOUT, form.timeout)
  const limit = (label: string, value: number, onChange: (next: number) => void) => (
    <>
      <span className={styles['pairs-label']}>{label}</span>
      <Choice
        label={label}
        value={String(value)}
        options={limitChoices(value)}
        onChange={(next) => onChange(Number(next))}
      />
    </>
  )
  return (
    <div className={styles.limit}>
      {limit(say('servers.form.timeLimitForOne'), form.timeout, (timeout) => change({ timeout }))}
      {form.kind === 'stdio' &&
        limit(say('common.startLimit'), toStart, (startTimeout) => change({ startTimeout }))}
    </div>
  )
}
