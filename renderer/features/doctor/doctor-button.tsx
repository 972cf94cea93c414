import { say } from '../../../locales/say.ts'
import type { BridgeState } from '../../../src/contract/status.ts'
import { ButtonLink } from '../../ui/button.tsx'

/** Where there is an address to go through, or one is missing that should be there. */
export function DoctorButton({ state, size }: { state: BridgeState; size?: 'small' | 'large' }) {
  if (state !== 'open' && state !== 'offline') return null
  return (
    <ButtonLink intent="quiet" to="/doctor" {...(size ? { size } : {})}>
      {say('doctor.title')}
    </ButtonLink>
  )
}
