import { say } from '../locales/say.ts'
import { nativeQuoted } from './native-text.ts'

export type TrayAction =
  /** `seen`: the approval's `lineSeen`. */
  | { do: 'approve'; id: string; seen: string }
  | { do: 'deny'; id: string }
  | { do: 'raise' }
  | { do: 'end-all' }
  | { do: 'lower' }
  | { do: 'pause'; id: string }
  | { do: 'resume'; id: string }
  /** `name`: of the entry, and what that would mean, for the question that comes first. */
  | { do: 'revoke'; id: string; name: string; means: string }
  /** Opens the window, on a page of ours. */
  | { do: 'open'; page?: 'access' | 'activity' }
  /** Opens the window on this request. */
  | { do: 'review'; id: string }
  | { do: 'quit' }

/** What is asked of the host. */
export type HostAction = Exclude<TrayAction, { do: 'open' | 'review' | 'quit' }>

/** The contract's call that an action stands for. */
export function callFor(action: HostAction): { name: string; input: unknown } {
  switch (action.do) {
    case 'approve':
      return { name: 'approvals.decide', input: { id: action.id, decision: 'once', seen: action.seen } }
    case 'deny':
      return { name: 'approvals.decide', input: { id: action.id, decision: 'deny' } }
    case 'raise':
      return { name: 'bridge.raise', input: undefined }
    case 'end-all':
      return { name: 'bridge.raise', input: { endAllAccess: true } }
    case 'lower':
      return { name: 'bridge.lower', input: undefined }
    case 'pause':
      return { name: 'grants.pause', input: { id: action.id } }
    case 'resume':
      return { name: 'grants.resume', input: { id: action.id } }
    case 'revoke':
      return { name: 'grants.revoke', input: { id: action.id } }
  }
}

export interface Question {
  message: string
  detail: string
  /** What the buttons say: the one that changes nothing, and the one that does it. */
  keep: string
  act: string
}

/** What is asked before something that cannot be taken back; null: nothing. */
export function questionBefore(action: HostAction): Question | null {
  if (action.do === 'end-all')
    return {
      message: say('bridge.endAll.title'),
      detail: say('bridge.endAll.text'),
      keep: say('common.cancel'),
      act: say('bridge.endAll.action'),
    }
  if (action.do !== 'revoke') return null
  return {
    message: say('tray.revoke.title', { name: nativeQuoted(action.name, 60) }),
    detail: action.means,
    keep: say('common.keepIt'),
    act: say('access.revoke.action'),
  }
}
