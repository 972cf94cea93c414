import { useState } from 'react'
import { say } from '../../../../locales/say.ts'
import type { Access } from '../../../../src/contract/access.ts'
import { useCommand } from '../../../pipe/host.tsx'
import { TextField } from '../../../ui/field.tsx'
import { FormDialog, useForm } from '../../../ui/form-dialog.tsx'
import { useNow } from '../../../ui/hooks/use-now.ts'
import { expiryAt, limitsProblem, NO_LIMITS } from '../../../words/limits.ts'
import { wrongIn } from '../../../words/wrong.ts'
import { keep } from '../../approvals/kept.ts'
import { AccessChoice } from '../choose/access-choice.tsx'
import { Limits } from '../choose/limits.tsx'
import { WorkspaceChoice } from '../choose/workspace-choice.tsx'
import { abilitiesProblem, abilityNames, NOT_NARROWED } from './abilities.ts'
import { AbilitiesChoice } from './abilities-choice.tsx'

/** A key for a program that takes one. Its token is shown once, by the dialog over every page. */
export function CreateKeyDialog({ onClose }: { onClose(): void }) {
  const [name, setName] = useState('')
  const [access, setAccess] = useState<Access>('ask')
  const [workspace, setWorkspace] = useState('default')
  const [limits, setLimits] = useState(NO_LIMITS)
  const [abilities, setAbilities] = useState(NOT_NARROWED)
  const now = useNow(30_000)
  const create = useCommand('keys.create', {
    inline: true,
    refreshes: ['grants.list'],
    done: (made) => keep({ kind: 'key', made }),
    leave: onClose,
  })
  const wrongLimits = limitsProblem(limits, now)
  const wrongAbilities = abilitiesProblem(abilities)
  const input = {
    ...{ name, access, workspace, tools: limits.tools, expiresAt: expiryAt(limits.expiry, now) },
    abilities: abilityNames(abilities),
  }
  const ready = (wrongLimits ?? wrongAbilities ?? wrongIn('keys.create', input)) === undefined
  const form = useForm(create, ready ? input : null)
  return (
    <FormDialog
      onClose={onClose}
      title={say('common.createKey')}
      text={say('access.createKey.text')}
      form={form}
      action={say('access.createKey.action')}
    >
      <TextField
        label={say('common.name')}
        value={name}
        onChange={setName}
        maxLength={40}
        placeholder={say('access.createKey.example')}
        wrong={form.tried ? wrongIn('keys.create', input, 'name') : undefined}
      />
      <WorkspaceChoice
        value={workspace}
        onChange={(next) => {
          setWorkspace(next)
          // What there is in one workspace is not in another.
          setLimits((old) => ({ ...old, tools: null }))
          setAbilities((old) => (old.kind === 'sources' ? { ...old, sources: [] } : old))
        }}
      />
      <AccessChoice value={access} onChange={setAccess} />
      <Limits
        workspace={workspace}
        value={limits}
        onChange={setLimits}
        now={now}
        problem={form.tried ? wrongLimits : undefined}
      />
      <AbilitiesChoice
        workspace={workspace}
        value={abilities}
        onChange={setAbilities}
        problem={form.tried ? wrongAbilities : undefined}
      />
    </FormDialog>
  )
}
