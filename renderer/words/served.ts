import { say } from '../../locales/say.ts'
import type { Grant } from '../../src/contract/access.ts'
import { dayAndTime } from './time.ts'

export { staleAdvice } from '../../src/contract/agreed/stale-list.ts'

/** What it fetched last: "Fetched its list of 24 tools today at 14:03". */
export function servedWords(served: NonNullable<Grant['served']>, now: number): string {
  return say('served.fetched', { tools: served.tools, when: dayAndTime(served.at, now) })
}
