import type { Bridge, BridgeState } from '../../src/contract/status.ts'

export type Tone = 'ok' | 'neutral' | 'busy' | 'warn'

export interface BridgeWords {
  title: string
  lead: string
  /** Two or three words for the sidebar. */
  short: string
  tone: Tone
}

const WORDS: Record<BridgeState, BridgeWords> = {
  open: {
    title: 'The bridge is down',
    lead: 'Assistants you allowed can reach you.',
    short: 'Open',
    tone: 'ok',
  },
  raised: {
    title: 'The bridge is raised',
    lead: 'Nobody can reach you. Whoever you allowed before can come back when you lower it.',
    short: 'Raised',
    tone: 'neutral',
  },
  local: {
    title: 'Open for this computer only',
    lead: 'Programs on this computer can use your tools. Nothing outside can reach you.',
    short: 'This computer only',
    tone: 'neutral',
  },
  opening: {
    title: 'Opening…',
    lead: 'Getting your public address. This takes a few seconds.',
    short: 'Opening…',
    tone: 'busy',
  },
  offline: {
    title: 'Offline',
    lead: 'Nothing outside can reach you at the moment. Programs on this computer still work.',
    short: 'Offline',
    tone: 'warn',
  },
  taken: {
    title: 'Your address is taken',
    lead: 'Somebody else is using your public address at the moment. Programs on this computer still work.',
    short: 'Address taken',
    tone: 'warn',
  },
}

export const bridgeWords = (state: BridgeState): BridgeWords => WORDS[state]

/** What the host adds to our own words: what to do where something is not as it should be. */
export function bridgeDetail(bridge: Bridge): string {
  if (bridge.state === 'offline' || bridge.state === 'taken') return bridge.hint || bridge.message
  return bridge.state === 'opening' ? bridge.hint : ''
}

/** Down in any form: pulling it up is what the button offers. */
export const isDown = (state: BridgeState): boolean => state !== 'raised'
