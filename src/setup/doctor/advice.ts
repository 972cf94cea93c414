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
      return 'The bridge is raised. Lower it on the Home page, then check again.'
    case 'opening':
      return 'The public address is being opened. Wait a moment, then check again.'
    case 'offline':
      return (
        bridge.hint || 'Check that this computer is online. Drawbridge opens the address again by itself.'
      )
    case 'taken':
      return bridge.hint || 'Wait until the address is free, or use a new one on the Home page.'
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
