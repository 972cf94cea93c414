import { networkInterfaces } from 'node:os'

/** All addresses by which this computer is reached from elsewhere: not those of one cable only (RFC 4291 §2.5.6). */
export const addressesOfThisComputer = (): string[] =>
  Object.values(networkInterfaces()).flatMap((all) =>
    (all ?? [])
      .filter(({ internal, address }) => !internal && !/^fe80:/i.test(address))
      .map(({ address }) => address),
  )

/**
 * Calls `onBack` when there is an address that was not there at the last look: a cable, a Wi-Fi or a VPN came; and `onGone` when the last
 * one went. Looks only while that is wanted.
 */
export function watchNetwork(deps: {
  addresses(): string[]
  /** Milliseconds. */
  every: number
  isWanted(): boolean
  onBack(): void
  onGone?(): void
}): { stop(): void } {
  let before: ReadonlySet<string> | null = null
  const timer = setInterval(() => {
    if (!deps.isWanted()) {
      before = null
      return
    }
    const now = new Set(deps.addresses())
    const isNew = before !== null && [...now].some((address) => !before!.has(address))
    const isGone = before !== null && before.size > 0 && now.size === 0
    before = now
    if (isNew) deps.onBack()
    if (isGone) deps.onGone?.()
  }, deps.every).unref()
  return { stop: () => clearInterval(timer) }
}
