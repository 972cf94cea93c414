import { say } from '../../../../locales/say.ts'
import type { Output } from '../../../../src/contract/api.ts'
import { useCall } from '../../../pipe/host.tsx'
import { CopyField } from '../../../ui/copy-field.tsx'
import { KeepSecret } from '../../../ui/keep-secret.tsx'
import { useWorkspaces } from '../choose/use-choices.ts'

interface KeyShownProps {
  made: Output<'keys.create'>
  onClose(): void
  onCopied(): void
}

/** A new key and where to use it. */
export function KeyShown({ made, onClose, onCopied }: KeyShownProps) {
  const status = useCall('status.get', undefined)
  const workspace = useWorkspaces().find((one) => one.name === made.grant.workspace)
  const at = workspace ?? status.data?.bridge
  return (
    <>
      <CopyField label={say('common.key')} value={made.token} whole onCopied={onCopied} />
      {at && <CopyField label={say('access.keyShown.address')} value={at.localUrl} />}
      {at?.publicUrl && <CopyField label={say('access.keyShown.addressElsewhere')} value={at.publicUrl} />}
      <KeepSecret undo="revoke" onClose={onClose} />
    </>
  )
}
