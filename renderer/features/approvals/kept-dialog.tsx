import { useState } from 'react'
import { say } from '../../../locales/say.ts'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { CredentialsShown } from '../access/clients/credentials-shown.tsx'
import { KeyShown } from '../access/keys/key-shown.tsx'
import { ProgramKeyShown } from '../settings/program-key-shown.tsx'
import { type Kept, letGo, useKept } from './kept.ts'

/** Over every page: what exists nowhere else, until it was copied or the user says so. */
export function KeptDialog() {
  const [first] = useKept()
  return first ? <OneKept key={secretOf(first)} kept={first} /> : null
}

function OneKept({ kept }: { kept: Kept }) {
  const [copied, setCopied] = useState(false)
  const { title, text, warning } = wordsOf(kept)
  const close = () => letGo(kept)
  const props = { onClose: close, onCopied: () => setCopied(true) }
  return (
    <FormDialog onClose={close} onlyCopy={!copied && warning} title={title} text={text}>
      {kept.kind === 'key' && <KeyShown made={kept.made} {...props} />}
      {kept.kind === 'client' && <CredentialsShown credentials={kept.made} {...props} />}
      {kept.kind === 'program' && <ProgramKeyShown value={kept.made.key} {...props} />}
    </FormDialog>
  )
}

const secretOf = (kept: Kept): string => {
  if (kept.kind === 'client') return kept.made.clientId
  return kept.kind === 'key' ? kept.made.token : kept.made.key
}

function wordsOf(kept: Kept): { title: string; text: string; warning: string | false } {
  if (kept.kind !== 'client')
    return { title: say('kept.key.title'), text: say('kept.key.text'), warning: say('kept.key.warning') }
  const title = say('kept.client.title', { name: kept.made.name })
  if (kept.made.clientSecret === null) return { title, text: say('kept.client.noSecret'), warning: false }
  return { title, text: say('kept.client.text'), warning: say('kept.client.warning') }
}
