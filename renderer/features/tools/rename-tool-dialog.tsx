import { useRef } from 'react'
import { say } from '../../../locales/say.ts'
import type { Tool } from '../../../src/contract/tools.ts'
import { useCall, useCommand } from '../../pipe/host.tsx'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { FormDialog, useForm } from '../../ui/form-dialog.tsx'
import { useChanges } from '../../ui/hooks/use-changes.ts'
import { LONGEST_TITLE, Plain } from '../../ui/plain.tsx'
import { rich } from '../../ui/rich.tsx'
import { Small } from '../../ui/text.tsx'
import { showDone } from '../../ui/toasts.tsx'
import { listWords } from '../../words/limits.ts'
import { wrongIn } from '../../words/wrong.ts'
import styles from '../servers/form/add-server.module.css'
import { whoSees } from './who-sees.ts'

const NAMED = 5

/** Another public name for one tool, or its usual one back. */
export function RenameToolDialog({ tool, onClose }: { tool: Tool; onClose(): void }) {
  const field = useRef<HTMLElement>(null)
  const { value, change } = useChanges({ name: tool.name })
  const { name } = value
  const set = useCommand('tools.set', {
    inline: true,
    refreshes: ['tools.list', 'grants.list'],
    done: (changed) => showDone(say('tools.rename.itIsCalledNow', { name: changed.name })),
    leave: onClose,
  })
  const input = { id: tool.id, alias: name.trim() }
  const wrong = wrongIn('tools.set', input)
  const rename = () => (input.alias === tool.name ? onClose() : set.mutate(input))
  const form = useForm({ ...set, mutate: rename }, wrong === undefined ? input : null)
  return (
    <FormDialog
      onClose={onClose}
      focus={field}
      title={say('tools.rename.title', { title: tool.title || tool.original })}
      text={say('tools.rename.text')}
      form={form}
      action={say('tools.rename.action')}
    >
      <TextField
        ref={field}
        label={say('tools.rename.nameForAssistants')}
        mono
        value={name}
        onChange={(next) => change({ name: next })}
        maxLength={64}
        hint={say('tools.rename.lettersDigitsDashesAnd')}
        wrong={form.tried ? wrong : undefined}
      />
      <Small>
        {rich('tools.rename.itself', {
          source: <Plain text={tool.source} longest={LONGEST_TITLE} />,
          name: (
            <code>
              <Plain text={tool.original} />
            </code>
          ),
        })}
      </Small>
      <WhoSees tool={tool} />
      {tool.alias !== null && (
        <Button
          size="small"
          className={styles.add}
          busy={set.isPending}
          onClick={() => set.mutate({ id: tool.id, alias: null })}
        >
          {say('tools.rename.giveItBackIts')}
        </Button>
      )}
    </FormDialog>
  )
}

function WhoSees({ tool }: { tool: Tool }) {
  const grants = useCall('grants.list', undefined)
  const workspaces = useCall('workspaces.list', undefined)
  if (!grants.data || !workspaces.data) return null
  const names = whoSees(tool, grants.data, workspaces.data, Date.now())
  if (names.length === 0) return <Small>{say('tools.rename.nobodyHasThisTool')}</Small>
  const listed =
    names.length > NAMED
      ? [...names.slice(0, NAMED), say('tools.rename.others', { count: names.length - NAMED })]
      : names
  return (
    <Small>
      {rich('tools.rename.whoSees', { names: <Plain text={listWords(listed)} />, count: names.length })}
    </Small>
  )
}
