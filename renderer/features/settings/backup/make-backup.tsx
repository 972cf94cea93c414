import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { say } from '../../../../locales/say.ts'
import { dayOf } from '../../../../src/contract/agreed/words/local-time.ts'
import type { Input } from '../../../../src/contract/api.ts'
import { shortestPassphrase } from '../../../../src/contract/backup.ts'
import { ask, usePipe } from '../../../pipe/host.tsx'
import { Check } from '../../../ui/check.tsx'
import { TextField } from '../../../ui/field.tsx'
import { FormDialog, useForm } from '../../../ui/form-dialog.tsx'
import { useIsHere } from '../../../ui/hooks/use-is-here.ts'
import { Small } from '../../../ui/text.tsx'
import { showDone } from '../../../ui/toasts.tsx'
import { saveBackup } from './backup-parts.ts'

const least = shortestPassphrase

/** A passphrase, typed twice: nobody can open the file without it. */
export function MakeBackup({ onClose }: { onClose(): void }) {
  const pipe = usePipe()
  const [passphrase, setPassphrase] = useState('')
  const [again, setAgain] = useState('')
  const [log, setLog] = useState(false)
  const [done, setDone] = useState<number | null>(null)
  const isHere = useIsHere()
  const make = useMutation({
    mutationFn: async (input: Input<'backup.create'>) => {
      const made = await ask(pipe, 'backup.create', input)
      await saveBackup(pipe, made, `drawbridge-${dayOf(Date.now())}.drawbridge-backup`, setDone)
    },
    onSuccess: () => {
      showDone(say('settings.backup.saved'))
      if (isHere()) onClose()
    },
    onSettled: () => setDone(null),
  })
  const isShort = passphrase.length < least
  const differ = passphrase !== again
  const form = useForm(make, isShort || differ ? null : { passphrase, log })
  return (
    <FormDialog
      title={say('settings.backup.makeButton')}
      text={say('settings.backup.makeDialogText')}
      form={form}
      action={say('settings.backup.makeButton')}
      onClose={onClose}
    >
      <TextField
        label={say('settings.backup.passphrase')}
        hint={say('settings.backup.passphraseHint', { least })}
        type="password"
        value={passphrase}
        onChange={setPassphrase}
        wrong={form.tried && isShort ? say('settings.backup.tooShort', { least }) : undefined}
        maxLength={1_000}
      />
      <TextField
        label={say('settings.backup.passphraseAgain')}
        type="password"
        value={again}
        onChange={setAgain}
        wrong={form.tried && !isShort && differ ? say('settings.backup.differ') : undefined}
        maxLength={1_000}
      />
      <Check
        label={say('settings.backup.withLog')}
        text={say('settings.backup.withLogText')}
        checked={log}
        onChange={setLog}
      />
      {done !== null && (
        <Small role="status">{say('settings.backup.part', { percent: Math.round(done * 100) })}</Small>
      )}
    </FormDialog>
  )
}
