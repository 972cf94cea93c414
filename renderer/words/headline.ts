import type { Grant } from '../../src/contract/access.ts'
import type { Need } from '../../src/contract/needs.ts'
import type { Bridge } from '../../src/contract/status.ts'
import { type BridgeWords, bridgeWords } from './bridge.ts'

/**
 * The state of the bridge in words that fit what stands under them: all is well only where nothing needs the user and nobody
 * is left out. `grants`: undefined while they are not known.
 */
export function headline(
  bridge: Pick<Bridge, 'state'>,
  needs: readonly Need[],
  grants?: readonly Grant[],
): BridgeWords {
  const words = bridgeWords(bridge.state)
  const lead =
    bridge.state !== 'open'
      ? words.lead
      : needs.some(({ kind }) => kind === 'moved')
        ? 'Assistants that know your new address can reach you.'
        : grants?.length === 0
          ? 'Your address answers. You have not let anybody in yet.'
          : words.lead
  // What the title says already is not counted once more.
  const more = needs.filter(({ kind }) => kind !== 'address').length
  return {
    ...words,
    lead: more === 0 ? lead : `${lead} ${more === 1 ? 'One thing needs you.' : `${more} things need you.`}`,
    tone: needs.length > 0 && words.tone !== 'busy' ? 'warn' : words.tone,
  }
}

/** How those who were let in stand, as far as the bridge decides it. */
export function grantsTitle(state: Bridge['state']): string {
  if (state === 'raised') return 'Who can come back'
  return state === 'open' ? 'Who is connected' : 'Who you let in'
}
