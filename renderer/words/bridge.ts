import { say } from '../../locales/say.ts'
import type { Bridge, BridgeState } from '../../src/contract/status.ts'

export type Tone = 'ok' | 'neutral' | 'busy' | 'warn'

export interface BridgeWords {
  title: string
  lead: string
  /** Two or three words for the sidebar. */
  short: string
  tone: Tone
}

const TONES: Record<BridgeState, Tone> = {
  open: 'ok',
  raised: 'neutral',
  local: 'neutral',
  opening: 'busy',
  offline: 'warn',
  taken: 'warn',
}

export function bridgeWords({ state, elsewhere }: Pick<Bridge, 'state' | 'elsewhere'>): BridgeWords {
  const what = elsewhere ? 'elsewhere' : state
  return {
    title: say(`bridge.${what}.title`),
    lead: say(`bridge.${what}.lead`),
    short: say(`bridge.${what}.short`),
    tone: TONES[state],
  }
}

/** What the host adds to our own words: what to do where something is not as it should be. */
export function bridgeDetail(bridge: Bridge): string {
  if (bridge.state === 'offline' || bridge.state === 'taken') return bridge.hint || bridge.message
  // An address that answers, but not everybody.
  if (bridge.state === 'open' && bridge.hint) return `${bridge.message} ${bridge.hint}`
  return bridge.state === 'opening' ? bridge.hint : ''
}
