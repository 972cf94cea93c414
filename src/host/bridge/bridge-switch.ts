import { doAll } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log/log.ts'

/** What it moves. */
interface Parts {
  raised: { since(): number | null; raise(tunnel: boolean): void; lower(): boolean }
  tunnel: { want(): void; unwant(): void; newName(): void; takeOver(): void; state(): { kind: string } }
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
  // A full disk holds up none of it.
  const pullUp = () =>
    doAll(
      () => parts.raised.raise(parts.tunnel.state().kind !== 'off'),
      () => parts.log.info('bridge.raised'),
      () => parts.grants.suspendAll(),
      () => parts.approvals.cancelFor(null),
      () => parts.rules.endFor(null),
      () => parts.pipeline.cancelFor(null),
      () => parts.subscriptions.cancelFor(null),
      () => parts.listener.closeAll(),
      () => parts.tunnel.unwant(),
      () => parts.changed(),
    )
  return {
    isRaised: (): boolean => parts.raised.since() !== null,
    /**
     * First the refusal of everything new, then the end of everything that is going on. All access ends before that, so that whoever
     * finds the bridge raised after a crash need not doubt the rest.
     */
    raise({ endAllAccess }: { endAllAccess: boolean }): void {
      if (!endAllAccess) pullUp()
      else
        doAll(
          () => parts.grants.endAll(),
          () => parts.adminKey.remove(),
          pullUp,
        )
    },
    lower(): void {
      if (parts.raised.lower()) parts.tunnel.want()
      parts.log.info('bridge.lowered')
      parts.changed()
    },
    newAddress(): void {
      parts.tunnel.newName()
      parts.changed()
    },
    /** Whoever wants the address here wants it open. */
    takeOver(): void {
      parts.raised.lower()
      parts.tunnel.takeOver()
      parts.changed()
    },
    wantTunnel: (): void => parts.tunnel.want(),
  }
}

export type BridgeSwitch = ReturnType<typeof createBridgeSwitch>
