/** For a tunnel's changes: calls `act` when it is ready after it was offline, which says that the network is there again. */
export function whenBack(act: () => void): (state: { kind: string }) => void {
  let wasOffline = false
  return ({ kind }) => {
    const isBack = wasOffline && kind === 'ready'
    if (kind === 'offline') wasOffline = true
    if (!isBack) return
    wasOffline = false
    act()
  }
}
