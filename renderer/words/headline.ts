import { say } from '../../locales/say.ts'
import type { Grant } from '../../src/contract/access.ts'
import type { Need } from '../../src/contract/agreed/needs.ts'
import type { Bridge } from '../../src/contract/status.ts'
import { type BridgeWords, bridgeWords } from './bridge.ts'

/**
 * The state of the bridge in words that fit what stands under them: all is well only where nothing needs the user and nobody
 * is left out. `grants`: undefined while they are not known.
 */
export function headline(
  bridge: Pick<Bridge, 'state' | 'elsewhere' | 'tunnelId'>,
  needs: readonly Need[],
  grants?: readonly Grant[],
): BridgeWords {
  const words = bridgeWords(bridge)
  const lead =
    bridge.state !== 'open'
      ? bridge.state === 'local' && grants?.length === 0
        ? say('bridge.local.leadNobody')
        : words.lead
      : needs.some(({ kind }) => kind === 'moved')
        ? say('bridge.open.leadMoved')
        : grants?.length === 0
          ? say(bridge.tunnelId === undefined ? 'bridge.open.leadNobody' : 'bridge.open.leadNobodyTunnel')
          : bridge.tunnelId === undefined
            ? words.lead
            : say('bridge.open.leadTunnel')
  // What the title says already is not counted once more.
  const more = needs.filter(({ kind }) => kind !== 'address').length
  return {
    ...words,
    lead: more === 0 ? lead : say('bridge.leadAndNeeds', { lead, needs: more }),
    tone: needs.length > 0 && words.tone !== 'busy' ? 'warn' : words.tone,
  }
}

/** How those who were let in stand, as far as the bridge decides it. */
export function grantsTitle(state: Bridge['state']): string {
  if (state === 'raised') return say('home.connected.canComeBack')
  return say(state === 'open' ? 'home.connected.isConnected' : 'home.connected.letIn')
}
