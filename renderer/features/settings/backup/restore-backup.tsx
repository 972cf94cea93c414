import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { say } from '../../../../locales/say.ts'
import type { Output } from '../../../../src/contract/api.ts'
import type { BackupFacts } from '../../../../src/contract/backup.ts'
import { ask, useCommand, usePipe } from '../../../pipe/host.tsx'
import { Button } from '../../../ui/button.tsx'
import { CopyField } from '../../../ui/copy-field.tsx'
import { ConfirmDialog, DialogActions } from '../../../ui/dialog.tsx'
import { FileField, TextField } from '../../../ui/field.tsx'
import { FormDialog, useForm } from '../../../ui/form-dialog.tsx'
import { useIsHere } from '../../../ui/hooks/use-is-here.ts'
import { useNow } from '../../../ui/hooks/use-now.ts'
import { Plain } from '../../../ui/plain.tsx'
import { Small } from '../../../ui/text.tsx'
import { dayAndTime } from '../../../words/time.ts'
import { forget, handOver } from './backup-parts.ts'

interface Found {
  id: string
  passphrase: string
  facts: BackupFacts
}

/** The file and its passphrase, then what is in it, then the question. */
export function RestoreBackup({ onClose }: { onClose(): void }) {
  const [found, setFound] = useState<Found | null>(null)
  const [done, setDone] = useState<Output<'backup.restore'> | null>(null)
  if (done !== null) return <Restored done={done} onClose={onClose} />
  if (found !== null) return <ReplaceAll found={found} onDone={setDone} onClose={onClose} />
  return <OpenBackup onFound={setFound} onClose={onClose} />
}

function OpenBackup({ onFound, onClose }: { onFound(found: Found): void; onClose(): void }) {
  const pipe = usePipe()
  const [file, setFile] = useState<File | null>(null)
  const [passphrase, setPassphrase] = useState('')
  const [done, setDone] = useState<number | null>(null)
  const isHere = useIsHere()
  const look = useMutation({
    mutationFn: async (input: { file: File; passphrase: string }) => {
      const id = await handOver(pipe, input.file, setDone)
      try {
        const facts = await ask(pipe, 'backup.look', { id, passphrase: input.passphrase })
        return { id, passphrase: input.passphrase, facts }
      } catch (error) {
        await forget(pipe, id)
        throw error
      }
    },
    // Closed meanwhile: nobody will ask for it again.
    onSuccess: (found) => (isHere() ? onFound(found) : void forget(pipe, found.id)),
    onSettled: () => setDone(null),
  })
  const form = useForm(look, file === null || passphrase === '' ? null : { file, passphrase })
  return (
    <FormDialog
      title={say('settings.backup.restoreButton')}
      text={say('settings.backup.restoreDialogText')}
      form={form}
      action={say('settings.backup.look')}
      onClose={onClose}
    >
      <FileField
        label={say('settings.backup.file')}
        onChange={setFile}
        wrong={form.tried && file === null ? say('settings.backup.chooseFile') : undefined}
      />
      <TextField
        label={say('settings.backup.passphrase')}
        type="password"
        value={passphrase}
        onChange={setPassphrase}
        wrong={form.tried && passphrase === '' ? say('settings.backup.typePassphrase') : undefined}
        maxLength={1_000}
      />
      {done !== null && (
        <Small role="status">{say('settings.backup.part', { percent: Math.round(done * 100) })}</Small>
      )}
    </FormDialog>
  )
}

interface ReplaceAllProps {
  found: Found
  onDone(done: Output<'backup.restore'>): void
  onClose(): void
}

function ReplaceAll({ found: { id, passphrase, facts }, onDone, onClose }: ReplaceAllProps) {
  const now = useNow(60_000)
  const pipe = usePipe()
  const restore = useCommand('backup.restore', { inline: true, done: onDone })
  const leave = () => {
    void forget(pipe, id)
    onClose()
  }
  const { grants, servers, computer, publicOrigin } = facts
  return (
    <ConfirmDialog
      onClose={leave}
      title={say('settings.backup.question')}
      text={say('settings.backup.questionText')}
      action={say('settings.backup.replace')}
      danger
      command={restore}
      onConfirm={() => restore.mutate({ id, passphrase })}
    >
      <p>
        <Plain text={say('settings.backup.found', { when: dayAndTime(facts.madeAt, now), computer })} />
      </p>
      <p>{say('settings.backup.inIt', { holds: say('backup.holds', { grants, servers }) })}</p>
      {!facts.log && <p>{say('backup.noLog')}</p>}
      {publicOrigin !== null && (
        <Small>
          <Plain text={say('settings.backup.address', { address: publicOrigin })} />{' '}
          {say('settings.backup.oneComputer')}
        </Small>
      )}
    </ConfirmDialog>
  )
}

function Restored({ done, onClose }: { done: Output<'backup.restore'>; onClose(): void }) {
  return (
    <FormDialog
      title={say('settings.backup.restored')}
      text={say(done.restarts ? 'settings.backup.restartsNow' : 'settings.backup.startAgain')}
      onClose={onClose}
      onlyCopy={false}
    >
      <CopyField label={say('settings.backup.aside')} value={done.aside} whole />
      <DialogActions safe={<Button onClick={onClose}>{say('common.close')}</Button>} act={null} />
    </FormDialog>
  )
}
