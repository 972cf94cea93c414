import { say } from '../../locales/say.ts'
import type { Action } from './tunnel-failure.ts'

/** What people read about the public address: what is the case, and what to do. */
export interface Words {
  message: string
  hint: string
  action?: Action | undefined
  /** Another Drawbridge answers at our address, and the user can have it here. */
  elsewhere?: true | undefined
}

type Case =
  | 'off'
  | 'opening'
  | 'checking'
  | 'again'
  | 'lingering'
  | 'ready'
  | 'readyUnseen'
  | 'unreachable'
  | 'localDown'
  | 'page'
  | 'edge'
  | 'silent'
  | 'silentUnseen'
  | 'other'
  | 'taken'
  | 'elsewhere'
  | 'maybeElsewhere'
  | 'heldElsewhere'

/** The same when it is not asked for any more. */
export const noLongerAsked = (told: Words): Words => ({
  ...told,
  hint: `${told.hint} ${say('tunnel.noLongerAsked')}`,
})

export const words = (what: Case): Words => ({
  message: say(`tunnel.${what}.message`),
  hint: what === 'ready' || what === 'readyUnseen' ? '' : say(`tunnel.${what}.hint`),
})
