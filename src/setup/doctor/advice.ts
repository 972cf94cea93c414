import { say } from '../../../locales/say.ts'
import type { Finding } from '../../contract/doctor.ts'
import type { Bridge } from '../../contract/status.ts'

/** What goes wrong on the way to us, before anything of ours is asked. */
const onTheWay: ReadonlySet<string> = new Set([
  'no-answer',
  'name-unknown',
  'refused',
  'broken-off',
  'gateway',
  'tunnel-closed',
  'tunnel-page',
  'local-only',
  'needs-you',
])

/** What mends the way as the bridge stands; null: what the finding itself says. */
export function adviceFor(bridge: Pick<Bridge, 'state' | 'hint'> | undefined): string | null {
  switch (bridge?.state) {
    case 'raised':
      return say('doctor.bridgeRaisedLowerOn')
    case 'opening':
      return say('doctor.publicAddressBeingOpened')
    case 'offline':
      return bridge.hint || say('doctor.checkComputerOnlineDrawbridge')
    case 'taken':
      return bridge.hint || say('doctor.waitUntilAddressFree')
    default:
      return null
  }
}

/** *Connect* opens an address that was never opened; it mends no other state of the bridge. */
export function fitting(findings: Finding[], bridge: Pick<Bridge, 'state' | 'hint'> | undefined): Finding[] {
  const hint = adviceFor(bridge)
  if (hint === null) return findings
  return findings.map((one) =>
    one.problem && onTheWay.has(one.problem.code) ? { ...one, problem: { ...one.problem, hint } } : one,
  )
}
