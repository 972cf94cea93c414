import type { RefObject } from 'react'
import { Button } from '../../../ui/button.tsx'
import { Check } from '../../../ui/check.tsx'
import { Choice } from '../../../ui/choice.tsx'
import { TextField } from '../../../ui/field.tsx'
import { Icon } from '../../../ui/icon.tsx'
import { limitChoices } from '../../../words/server.ts'
import { More } from '../../tools/more.tsx'
import styles from './add-server.module.css'
import { CommandPreview } from './command-preview.tsx'
import { KEPT, PairsField } from './pairs-field.tsx'
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
        label="Command"
        mono
        lines={2}
        value={form.line}
        onChange={(line) => change({ line })}
        placeholder="npx -y @modelcontextprotocol/server-filesystem /home/me/Documents"
        hint={
          reads
            ? 'Paste what the server’s own page says: the command, the address, or the settings for Claude, Cursor, VS Code or another app.'
            : 'The program and what follows it, as in a terminal.'
        }
        wrong={wrong.line}
      />
      {!unread && <CommandPreview line={form.line} cwd={form.cwd} env={form.env} confined={form.confined} />}
      <PairsField
        label="Keys and passwords it needs"
        hint="Kept with your other secrets; given to this program only."
        add="Add a value"
        pairs={form.env}
        wrong={wrong.pairs}
        onChange={(env) => change({ env })}
      />
      <Check
        label="Only its own folder"
        text="It can neither see nor change your other files, nor look at your other programs. It still reaches the internet. On Linux this needs bubblewrap."
        checked={form.confined}
        onChange={(confined) => change({ confined })}
      />
      <More wrong={wrong.cwd !== undefined}>
        <TextField
          label="Folder to start it in"
          mono
          value={form.cwd}
          onChange={(cwd) => change({ cwd })}
          placeholder="/home/me/notes"
          hint={
            form.confined
              ? 'The only one it reaches. Leave it empty, and one is made for it.'
              : 'Leave it empty for your home folder.'
          }
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
        label="Address"
        mono
        type="url"
        {...(reads && { onPasteLines: (url: string) => change({ url }) })}
        value={form.url}
        onChange={(url) => change({ url })}
        placeholder="https://example.com/mcp"
        hint={
          signedIn
            ? 'With another address you have to sign in again.'
            : reads
              ? 'Or paste what the server’s own page says, in whatever form.'
              : undefined
        }
        wrong={wrong.url}
      />
      <TextField
        label="Key, if it gave you one"
        mono
        type="password"
        value={form.key}
        onChange={(key) => change({ key })}
        placeholder={form.keyKept ? KEPT : undefined}
        hint={
          form.keyKept
            ? 'Sent as “Authorization”, to this address only.'
            : 'Sent as “Authorization”, to this address only. Leave it empty if you sign in there with your browser: Drawbridge notices and asks.'
        }
        wrong={wrong.key}
      />
      {form.keyKept && (
        <Button
          intent="quiet"
          size="small"
          className={styles.add}
          onClick={() => change({ keyKept: false, key: '' })}
        >
          <Icon name="cross" size={16} /> Take the key out
        </Button>
      )}
      <PairsField
        label="Other headers it needs"
        hint="For example X-Tenant. Kept with your other secrets; sent to this address only."
        add="Add a header"
        placeholder="X-Tenant"
        pairs={form.headers}
        wrong={wrong.pairs}
        onChange={(headers) => change({ headers })}
      />
      <More wrong={wrong.clientId !== undefined}>
        <Check
          label="It is one of the older kind"
          text="Its page speaks of “SSE”, or its address ends in /sse. Otherwise Drawbridge finds out by itself."
          checked={form.older}
          onChange={(older) => change({ older })}
        />
        <TimeLimit form={form} change={change} />
        <fieldset className={styles.pairs}>
          <legend className={styles['pairs-label']}>If its provider registered you by hand</legend>
          <p className={styles.small}>
            Most servers do not need this. Fill it in only with what they gave you.
          </p>
          <div className={styles.panel}>
            {' '}
            <TextField
              label="Client ID"
              mono
              value={form.clientId}
              onChange={(clientId) => change({ clientId })}
              wrong={wrong.clientId}
            />
            <TextField
              label="Client secret"
              mono
              type="password"
              value={form.clientSecret}
              onChange={(clientSecret) => change({ clientSecret })}
            />
            <TextField
              label="Scopes"
              mono
              value={form.scopes}
              onChange={(scopes) => change({ scopes })}
              hint="With spaces between them."
            />
          </div>{' '}
        </fieldset>
      </More>
    </>
  )
}

function TimeLimit({ form, change }: Pick<FieldsProps, 'form' | 'change'>) {
  const toStart = form.startTimeout ?? Math.max(USUAL_TIMEOUT, form.timeout)
  return (
    <div className={styles.limit}>
      <span className={styles['pairs-label']}>Time limit for one request</span>
      <Choice
        label="Time limit for one request"
        value={String(form.timeout)}
        options={limitChoices(form.timeout)}
        onChange={(timeout) => change({ timeout: Number(timeout) })}
      />
      {form.kind === 'stdio' && (
        <>
          <span className={styles['pairs-label']}>Start limit</span>
          <Choice
            label="Start limit"
            value={String(toStart)}
            options={limitChoices(toStart)}
            onChange={(startTimeout) => change({ startTimeout: Number(startTimeout) })}
          />
        </>
      )}
    </div>
  )
}
