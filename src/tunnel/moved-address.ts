import * as z from 'zod'
import { say } from '../../locales/say.ts'
import type { Grant } from '../contract/access.ts'
import type { Notice } from '../contract/status.ts'
import { tunnelAt } from '../mcp/tunnelled.ts'
import type { Settings } from '../storage/settings.ts'

const setting = 'bridge.publicOrigin'

/**
 * Notices when the public address is another one than last time. Tells the user, once per change:
 * clients know us by our address (RFC 9728 §3.3: `resource` must be what they typed), so each has to be given the new one.
 */
export function watchAddress(
  settings: Settings,
  grants: () => Grant[],
  tell: (words: Pick<Notice, 'message' | 'hint'>) => void,
  /** Ends what was issued at the address that was given up: whoever gets the name next must not find it of use. */
  leave: (origin: string) => void,
  /** What is left to do in each app is somebody else's. */
  moved: (from: string, to: string) => void = () => {},
) {
  return ({ kind, origin }: { kind: string; origin: string | null }): void => {
    const before = settings.get(setting, z.string())
    if (kind !== 'ready' || origin === null || before === origin) return
    const known = grants().filter((grant) => grant.kind === 'client' && grant.lastOrigin === before)
    if (before !== undefined) {
      leave(before)
      moved(before, origin)
    }
    // Last: what could not be written is done again.
    settings.set(setting, origin)
    if (before === undefined) return
    if (known.length === 0) return
    const names = known.map((grant) => grant.name.replace(/^MCP — /, ''))
    tell({
      message: say('notice.address-changed.message', { names: list(names) }),
      hint:
        tunnelAt(origin) === null
          ? say('notice.address-changed.hint', { url: `${origin}/mcp` })
          : say('notice.address-changed.tunnelHint'),
    })
  }
}

const list = (names: string[]): string =>
  names.length <= 3
    ? names.join(', ')
    : say('part.namesAndMore', { names: names.slice(0, 3).join(', '), count: names.length - 3 })
