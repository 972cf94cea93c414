import { say } from '../../../locales/say.ts'
import type { Bridge } from '../../../src/contract/status.ts'
import { CopyField } from '../../ui/copy-field.tsx'

/** What assistants are given: the address, or the tunnel that is chosen instead of one. */
export function PublicField({ bridge, label }: { bridge: Bridge; label: string }) {
  if (bridge.tunnelId !== undefined)
    return <CopyField label={say('setup.connect.yourTunnel')} value={bridge.tunnelId} />
  return bridge.publicUrl ? <CopyField label={label} value={bridge.publicUrl} /> : null
}
