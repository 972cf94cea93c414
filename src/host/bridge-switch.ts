import type { Log } from '../kernel/log/log.ts'

/** What it moves. */
interface Parts {
  raised: { since(): number | null; raise(tunnel: boolean): void; lower(): boolean }
  tunnel: { want(): void; unwant(): void; newName(): void; state(): { kind: string } }
  grants: { suspendAll(): void; endAll(): void }
  /** The key for programs. */
  adminKey: { remove(): void }
  approvals: { cancelFor(grantId: null): void }
  rules: { endFor(grantId: null): void }
  /** Requests that wait for an answer of their client, and who wants to hear of resources. */
  pipeline: { cancelFor(grantId: null): void }
  subscriptions: { cancelFor(grantId: null): void }
  listener: { closeAll(): void }
  log: Log
  changed(): void
}

/** Raising and lowering the bridge, and its public address. See docs/decisions/0002-raising-keeps-grants.md. */
export function createBridgeSwitch(parts: Parts) {
  const {
    raised,
    tunnel,
    grants,
    adminKey,
    approvals,
    rules,
    pipeline,
    subscriptions,
    listener,
    log,
    changed,
  } = parts
  const pullUp = () => {
    raised.raise(tunnel.state().kind !== 'off')
    log.info('bridge.raised')
    grants.suspendAll()
    approvals.cancelFor(null)
    rules.endFor(null)
    pipeline.cancelFor(null)
    subscriptions.cancelFor(null)
    listener.closeAll()
    tunnel.unwant()
    changed()
  }
  return {
    isRaised: (): boolean => raised.since() !== null,
    /**
     * First the refusal of everything new, then the end of everything that is going on. All access ends before that, so that whoever
     * finds the bridge raised after a crash need not doubt the rest.
     */
    raise({ endAllAccess }: { endAllAccess: boolean }): void {
      try {
        if (endAllAccess) {
          grants.endAll()
          adminKey.remove()
        }
      } finally {
        pullUp()
      }
    },
    lower(): void {
      if (raised.lower()) tunnel.want()
      log.info('bridge.lowered')
      changed()
    },
    newAddress(): void {
      tunnel.newName()
      changed()
    },
    wantTunnel: (): void => tunnel.want(),
  }
}

export type BridgeSwitch = ReturnType<typeof createBridgeSwitch>
