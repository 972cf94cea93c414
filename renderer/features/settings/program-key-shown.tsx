import { say } from '../../../locales/say.ts'
import { useCall } from '../../pipe/host.tsx'
import { CopyField } from '../../ui/copy-field.tsx'
import { KeepSecret } from '../../ui/keep-secret.tsx'
import { Small } from '../../ui/text.tsx'

interface ProgramKeyShownProps {
  value: string
  onClose(): void
  onCopied(): void
}

/** The new key, and where a program knocks with it. */
export function ProgramKeyShown({ value, onClose, onCopied }: ProgramKeyShownProps) {
  const status = useCall('status.get', undefined).data
  const separator = status?.dataDir.includes('\\') ? '\\' : '/'
  return (
    <>
      <CopyField label={say('common.key')} value={value} whole onCopied={onCopied} />
      {status?.shell === 'headless' ? (
        <CopyField
          label={say('settings.programKeyShown.addressForPrograms')}
          value={`${location.origin}/api/v1`}
        />
      ) : (
        <>
          <CopyField
            label={say('settings.programKeyShown.fileThatTellsPrograms')}
            value={`${status?.dataDir ?? ''}${separator}control.json`}
          />
          <Small narrow>{say('settings.programKeyShown.thePortInIt')}</Small>
        </>
      )}
      <KeepSecret undo="remove" onClose={onClose} />
    </>
  )
}
