import * as z from 'zod'
import { say } from '../../locales/say.ts'
import type { Status } from '../contract/status.ts'
import { type AdminKey, createAdminKey } from '../control/admin-key.ts'
import { doAll, errorText } from '../kernel/errors.ts'
import { collectWhenQuiet } from '../system/collect-when-quiet.ts'
import { type AccessSide, createAccessSide } from './access-side.ts'
import { type Base, openBase, type Undo } from './base.ts'
import { createBridgeSwitch } from './bridge/bridge-switch.ts'
import { createRaiseShortcut } from './bridge/raise-shortcut.ts'
import { Reach } from './bridge/reach.ts'
import { type CallingSide, createCallingSide } from './calling-side.ts'
import { connectEvents } from './connect-events.ts'
import { createDispatch } from './dispatch.ts'
import { createHandlers } from './handlers.ts'
import type { Host, HostOptions } from './host.ts'
import { witnessOf } from './notices/done-elsewhere.ts'
import { watchStrangers } from './notices/strangers.ts'
import { openPublicSide, type PublicSide } from './public-side.ts'
import { startSweeping } from './sweep.ts'

/**
 * Builds every room, passes them to one another and starts them. Resolves when the public listener answers; servers
 * and tunnel start in the background. Throws HostError (`already-running`, `data-folder-unwritable`, `disk-full`, `database-newer`,
 * `port-taken`); then nothing is left running.
 */
export async function createHost(options: HostOptions): Promise<Host> {
  const undo: Undo = []
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) {
      try {
        await step()
      } catch (error) {
        process.stderr.write(`${say('host.whileStopping', { why: errorText(error) })}\n`)
      }
    }
  }
  try {
    const base = await openBase(options, undo)
    const reach = new Reach(base.settings, base.clock, base.reserve)
    const wasLost = base.reserve.lost && letNobodyIn(base, reach)
    const calling = await createCallingSide(base, {
      onTraffic: (event) => access.onTraffic(event),
      principalNow: (principal) => access.oauth.now(principal),
      nameOf: (grantId) => access.oauth.now({ grantId, scopes: null })?.clientName ?? null,
      forgetTools: (isGone) => access.oauth.grants.forgetTools(isGone),
    })
    const access = await createAccessSide(base, reach, calling)
    const adminKey = createAdminKey(base.settings, base.clock, base.reserve)
    if (wasLost) endWhatOpens(calling, adminKey, base.log)
    calling.forgetTheGone()
    const outside = await openPublicSide(base, reach, calling, access)
    // It began by itself, if it was wanted.
    if (wasLost) outside.tunnel.unwant()
    const host = openDoor({ base, reach, calling, access, outside, adminKey })
    calling.startServers()
    base.log.info('host.ready', { port: reach.port, vault: base.vault.status.kind })
    return { ...host, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Somebody whose access had ended could be back: the disk took nothing when it did. */
function letNobodyIn({ reserve, settings, notices, log }: Base, reach: Reach): true {
  log.warn('host.end-of-access-lost')
  try {
    doAll(
      () => reach.raised.raise(settings.get('tunnel.wanted', z.boolean()) ?? false),
      () => notices.keep({ message: say('notice.end-lost.message'), hint: say('notice.end-lost.hint') }),
    )
    reserve.seenTo()
  } catch (error) {
    // Raised all the same, and the next start knows it too.
    log.error('host.not-kept', { error: errorText(error) })
  }
  return true
}

/** What a lost end may have brought back, beside people: rules that allow, and the key for programs. */
function endWhatOpens({ rules }: CallingSide, adminKey: AdminKey, log: Base['log']): void {
  try {
    doAll(
      () => rules.endFor(null),
      () => adminKey.remove(),
    )
  } catch (error) {
    // In memory they have ended; a sweep writes it.
    log.error('host.not-kept', { error: errorText(error) })
  }
}

interface House {
  base: Base
  reach: Reach
  calling: CallingSide
  access: AccessSide
  outside: PublicSide
  adminKey: AdminKey
}

/** Connects the rooms' events, and opens the one door that the contract's calls come through. */
function openDoor(house: House): Omit<Host, 'stop'> {
  const { base, reach, calling, access, outside, adminKey } = house
  const { clock, log, undo, notices, tell, broadcast } = base
  const { approvals } = calling
  const { oauth } = access

  const status = (): Status => ({ ...statusOf(house), raiseShortcut: raiseShortcut() })
  const { changed, cutOff, ...events } = connectEvents({
    ...calling,
    ...outside,
    ...access,
    tell,
    status,
    readSourcesSoon: () => calling.reader.readSoon(),
  })
  undo.push(() => events.stop())
  outside.presence.events.on('changed', changed)
  const raiseShortcut = createRaiseShortcut(base, changed)
  warnOfStrangers(house, changed)
  const bridge = createBridgeSwitch({
    ...calling,
    ...outside,
    raised: reach.raised,
    grants: oauth.grants,
    adminKey,
    log,
    changed,
  })
  const elsewhere = witnessOf({
    clock,
    approvals: () => approvals.list(),
    tell(words, kind) {
      tell('notices.added', notices.keep(words, kind))
      changed()
    },
  })
  const handlers = createHandlers({ ...house, bridge, status, changed, cutOff })
  const dispatch = createDispatch(handlers, log, elsewhere.witness, () => {
    events.tellNow()
    return broadcast.revision()
  })
  undo.push(
    startSweeping({
      ...{ ...calling, oauth, adminKey, clock, log, cutOff },
      ...{ raised: reach.raised, last: base.reserve },
    }),
  )
  let calls = 0
  undo.push(
    calling.activity.events.on('added', () => {
      calls += 1
    }),
    collectWhenQuiet({ calls: () => calls }),
  )
  undo.push(() => log.info('host.stopping'))

  return {
    dispatch,
    on: broadcast.on,
    revision: broadcast.revision,
    mcpUrl: reach.mcpUrl(),
    dataDir: base.dataDir,
    log,
    isAdminKey: adminKey.matches,
    letIn: elsewhere.letIn,
  }
}

/** Once while the notice stands. */
function warnOfStrangers({ base: { notices }, access: { oauth } }: House, changed: () => void): void {
  watchStrangers(oauth.events, (level, words) => {
    if (notices.list().some(({ message }) => message === words.message)) return
    notices.add(level, words)
    changed()
  })
}

const statusOf = ({ base, reach, calling, access }: House): Status => ({
  version: base.options.version,
  shell: base.options.shell,
  dataDir: base.dataDir,
  bridge: reach.bridge(),
  vault: base.vault.status,
  window: access.oauth.window.state(),
  waiting: {
    connections: access.oauth.connections.list().length,
    calls: calling.approvals.list().length,
    tools: calling.catalog.waiting(),
  },
  notices: base.notices.list(),
  ...(reach.presence && { away: reach.presence.away(), awake: reach.presence.awake() }),
})
