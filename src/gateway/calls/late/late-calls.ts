import type { Call } from '../../../contract/activity.ts'
import type { ErrorReply } from '../../../contract/errors.ts'
import type { Clock } from '../../../kernel/clock.ts'
import { errorText, toEnglishReply } from '../../../kernel/errors.ts'
import { sha256 } from '../../../kernel/ids.ts'
import type { Log } from '../../../kernel/log/log.ts'
import type { Principal } from '../../../mcp/principal.ts'
import { sameTool } from '../../offers/catalog-entry.ts'
import { weigh } from '../results/checked-result.ts'
import {
  asOwnerChanged,
  type Ending,
  failed,
  hasResult,
  inShort,
  saysOwnerChanged,
} from '../results/endings.ts'
import type { RunningCall } from '../running-call.ts'
import { callKey, entryNow, isAsShown, keyStart, type Target, type TargetCatalog } from '../targets.ts'
import { LateCall, type Patience } from './late-call.ts'
import type { LateRow, LateStore } from './late-store.ts'
import { afterRestart, notYet, resultGone } from './late-words.ts'

/** Of results that wait for their clients, in characters: all together, and those of one grant, of which one may take all. */
const mostKept = 64_000_000
const mostOfGrant = 8_000_000
/** Calls of one grant that go on by themselves. */
const mostOpen = 50
/** Of those that ended, for one grant. */
const mostEnded = 200

/** What came of a call in an earlier life of the program. */
export interface PastCall {
  readonly grantId: string
  readonly key: string
  readonly title: string
  readonly madeAt: number
  readonly expiresAt: number
  readonly end: Ending
  readonly phase: 'ended'
  isGiven: boolean
}

export interface LateDeps {
  clock: Clock
  log: Log
  catalog: Pick<TargetCatalog, 'byId'>
  /** Absent: nothing outlives a restart. */
  store?: LateStore | undefined
  /** A call waits for the owner without its client. `row`: in the log. */
  onWaits(row: string, told: ErrorReply): Promise<void>
  /** Ends the questions whose time is over. */
  endOverdue(): void
  /** A call's row in the log; null when there is none any more. */
  rowOf(id: string): Call | null
  patience: Patience
  /** How long what came of a call waits for its client, in milliseconds. */
  keepMs(): number
}

/**
 * Calls that outlast the patience of their clients: those that wait for the owner's word, and long ones. Each is run by the pipeline,
 * once; here is who may ask for it, by its handle or with the same call again, and what came of it, for a while. Nothing of it is for
 * any other grant. Results are in memory alone ([decision 22](../../../../docs/decisions/0022-late-answers.md)).
 */
export class LateCalls {
  readonly #deps: LateDeps
  readonly #byHandle = new Map<string, LateCall | PastCall>()
  /** The latest with that key, which begins with its grant. */
  readonly #byKey = new Map<string, LateCall | PastCall>()
  readonly #ofGrant = new Map<string, Set<LateCall | PastCall>>()
  readonly #around: ConstructorParameters<typeof LateCall>[3]
  #kept = 0
  #alarm: NodeJS.Timeout | undefined
  #isStopped = false

  constructor(deps: LateDeps) {
    this.#deps = deps
    this.#around = {
      patience: deps.patience,
      hasRoom: ({ grantId }) => this.#openOf(grantId) < mostOpen,
      onLeft: (late) => this.#left(late),
      onRuns: (late) => this.#store(late),
      onEnded: (late, isHeard) => this.#ended(late, isHeard),
    }
    this.#readEarlier()
  }

  /** Longer ones than this may go on without their client. Milliseconds. */
  get longest(): number {
    return this.#deps.patience.running + almostOver
  }

  /** From now on it may go on without its client. */
  add(call: RunningCall, phase: 'asked' | 'running'): LateCall {
    const late = new LateCall(call, phase, this.#deps.clock.now(), this.#around)
    if (phase === 'asked') this.#name(late)
    this.#hold(late)
    return late
  }

  /** What the same call of that grant would be told, or waits for, if it was made before. */
  find(grantId: string, target: Target): LateCall | PastCall | null {
    const own = this.#ofGrant.get(grantId)
    if (own === undefined || !isAmong(own, target)) return null
    const found = this.#byKey.get(keyOf(grantId, callKey(target)))
    if (found === undefined || found.isGiven || this.#isOver(found)) return null
    if (!(found instanceof LateCall)) return found
    // Of an earlier life it is not known how often its server was changed in it.
    return found.isJoinable && found.edition === target.edition ? this.#upToDate(found) : null
  }

  /** By what its client was given, and for nobody else; what is for this computer only is told nowhere else. */
  byHandle(
    handle: unknown,
    { grantId, onThisComputer }: Pick<Principal, 'grantId' | 'onThisComputer'>,
  ): LateCall | PastCall | null {
    if (typeof handle !== 'string' || handle.length > 100) return null
    const found = this.#byHandle.get(sha256(handle))
    if (found instanceof LateCall && found.entry?.localOnly && onThisComputer !== true) return null
    return found?.grantId === grantId && !this.#isOver(found) ? this.#upToDate(found) : null
  }

  /** Timers are late on a computer that slept: nobody is to wait for an answer that nobody can give any more. */
  #upToDate<T extends LateCall | PastCall>(late: T): T {
    if (late.phase === 'asked') this.#deps.endOverdue()
    return late
  }

  /** What came of it was told. */
  given(late: LateCall | PastCall): Ending {
    // Not written down: whether the answer got there before a kill is not known, so the next life says it once more.
    late.isGiven = true
    return late.end!
  }

  /** Ends all of one grant, or of everybody (null): what runs is broken off, and nothing is told any more. */
  endFor(grantId: string | null): void {
    const grants = grantId === null ? [...this.#ofGrant.values()] : [this.#ofGrant.get(grantId) ?? []]
    for (const late of grants.flatMap((own) => [...own])) {
      this.#remove(late)
      if (isOpen(late)) late.call.stop('gone')
    }
  }

  /** A tool that changed or went takes with it what was left of its calls; a question about what will not run is put to nobody. */
  toolsChanged(): void {
    for (const own of this.#ofGrant.values())
      for (const late of own) {
        if (!(late instanceof LateCall) || this.#stands(late)) continue
        if (late.phase !== 'ended') late.call.stop('changed')
        else this.#replace(late, resultGone(late.title, 'changed'))
      }
  }

  #stands(late: LateCall): boolean {
    const now = entryNow(this.#deps.catalog, late.entry, late.workspace)
    if (late.phase === 'asked') return now !== undefined && isAsShown(now, late.call.target)
    return late.handle === null || (now !== undefined && sameTool(now, late.entry!))
  }

  /** Nothing is begun any more; what is open is told of in the next life. */
  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#alarm)
  }

  #isOver({ expiresAt }: LateCall | PastCall): boolean {
    return expiresAt !== null && expiresAt <= this.#deps.clock.now()
  }

  /** Not of what ended with its grant: that is told nowhere, and holds nothing back. */
  #isOurs(late: LateCall): boolean {
    return this.#ofGrant.get(late.grantId)?.has(late) === true
  }

  #left(late: LateCall): void {
    if (!this.#isOurs(late)) return
    if (late.key === '') this.#name(late)
    this.#byHandle.set(sha256(late.ownHandle), late)
    this.#store(late)
    const { call } = late
    if (call.row !== null && late.phase === 'asked')
      late.noted = this.#deps.onWaits(call.row, notYet(late, late.handle!))
  }

  /** From now on the next life of the program knows of it: what may have happened is not to be asked for again unawares. */
  #store(late: LateCall): void {
    if (!this.#isOurs(late)) return
    late.isStored = true
    const { grantId, key, title, madeAt, call } = late
    const row: LateRow = {
      ...{ handle: sha256(late.ownHandle), grantId, key, title, madeAt },
      ...{ call: call.row, expiresAt: null, isGiven: false },
    }
    this.#write((store) => store.insert(row))
  }

  #ended(late: LateCall, isHeard: boolean): void {
    if (this.#isStopped) return
    const isOurs = this.#isOurs(late)
    if (isOurs && late.isStored && late.handle === null) {
      // For the next life alone: nobody knows whether the answer gets there before a kill.
      const until = this.#deps.clock.now() + this.#deps.keepMs()
      this.#write((store) => store.end(sha256(late.ownHandle), until, true))
      late.isStored = false
    }
    if (!isOurs || late.handle === null) {
      this.#remove(late)
      return
    }
    late.size = sizeOf(late.end!)
    late.expiresAt = this.#deps.clock.now() + this.#deps.keepMs()
    this.#kept += late.size
    this.#write((store) => store.end(sha256(late.handle!), late.expiresAt!, isHeard))
    // Where nothing was done, and nobody said no, the same call is a new one.
    const { outcome, decision } = late.end!.log
    if (decision === 'denied' && outcome !== 'denied') this.#unname(late)
    if (late.size > mostOfGrant) this.#replace(late, resultGone(late.title, 'large'))
    this.#makeRoom(late.grantId)
    this.#wakeAtNext()
  }

  /** What was had goes first, then what is oldest. */
  #makeRoom(grantId: string): void {
    const ended = (own: Iterable<LateCall | PastCall>) =>
      [...own]
        .filter((one): one is LateCall => one instanceof LateCall && one.phase === 'ended')
        .sort((a, b) => Number(b.isGiven) - Number(a.isGiven) || a.expiresAt! - b.expiresAt!)
    const own = ended(this.#ofGrant.get(grantId) ?? [])
    for (const late of own.slice(0, Math.max(0, own.length - mostEnded))) this.#remove(late)
    let ofGrant = own.reduce((sum, { size }) => sum + size, 0)
    for (const late of own) {
      if (ofGrant <= mostOfGrant) break
      ofGrant -= this.#replace(late, resultGone(late.title, 'room'))
    }
    if (this.#kept <= mostKept) return
    for (const late of ended([...this.#ofGrant.values()].flatMap((some) => [...some]))) {
      if (this.#kept <= mostKept) return
      this.#replace(late, resultGone(late.title, 'room'))
    }
  }

  /** The result goes, what is to be said of it stays; what has none says what happened, in short. Returns what that made room for. */
  #replace(late: LateCall, gone: Ending): number {
    const before = late.end!
    const end = hasResult(before) ? (saysOwnerChanged(before) ? asOwnerChanged(gone) : gone) : inShort(before)
    if (end === before) return 0
    const { size } = late
    this.#kept -= size
    late.size = 0
    late.end = end
    return size
  }

  #name(late: LateCall): void {
    const { target } = late.call
    late.key = callKey(target)
    late.edition = target.edition
    this.#byKey.set(keyOf(late.grantId, late.key), late)
  }

  #unname(late: LateCall | PastCall): void {
    const key = keyOf(late.grantId, late.key)
    if (this.#byKey.get(key) === late) this.#byKey.delete(key)
  }

  #hold(late: LateCall | PastCall): void {
    const own = this.#ofGrant.get(late.grantId) ?? new Set()
    this.#ofGrant.set(late.grantId, own.add(late))
  }

  #remove(late: LateCall | PastCall): void {
    const own = this.#ofGrant.get(late.grantId)
    if (!own?.delete(late)) return
    if (own.size === 0) this.#ofGrant.delete(late.grantId)
    this.#unname(late)
    const handle = this.#handleOf(late)
    if (late instanceof LateCall) this.#kept -= late.size
    if (handle === null) return
    this.#byHandle.delete(handle)
    this.#write((store) => store.remove(handle))
  }

  /** As it is stored. */
  #handleOf(late: LateCall | PastCall): string | null {
    if (late instanceof LateCall) return late.isStored ? sha256(late.ownHandle) : null
    for (const [handle, one] of this.#byHandle) if (one === late) return handle
    return null
  }

  #openOf(grantId: string): number {
    let open = 0
    for (const late of this.#ofGrant.get(grantId) ?? []) if (isOpen(late) && late.handle !== null) open += 1
    return open
  }

  #wakeAtNext(): void {
    clearTimeout(this.#alarm)
    let next = Number.POSITIVE_INFINITY
    for (const { expiresAt } of this.#byHandle.values())
      if (expiresAt !== null && expiresAt < next) next = expiresAt
    if (this.#isStopped || next === Number.POSITIVE_INFINITY) return
    const wait = Math.min(Math.max(next - this.#deps.clock.now(), 50), longestTimer)
    this.#alarm = setTimeout(() => this.#sweep(), wait).unref()
  }

  #sweep(): void {
    for (const late of this.#byHandle.values()) if (this.#isOver(late)) this.#remove(late)
    this.#wakeAtNext()
  }

  /** What was left in earlier lives: whoever comes back for it is told what is known of it, and nothing of it runs again. */
  #readEarlier(): void {
    const { store, clock, rowOf, keepMs } = this.#deps
    const now = clock.now()
    this.#write((one) => one.forget(now))
    for (const { handle, grantId, key, call, title, madeAt, ...row } of store?.all() ?? []) {
      const begun = call === null ? null : rowOf(call)
      const { end, isDone } = afterRestart(title, begun)
      const expiresAt = row.expiresAt ?? now + keepMs()
      if (row.expiresAt === null) this.#write((one) => one.end(handle, expiresAt, row.isGiven))
      const past: PastCall = {
        ...{ grantId, key, title, madeAt, expiresAt, end },
        ...{ phase: 'ended', isGiven: false },
      }
      this.#byHandle.set(handle, past)
      this.#hold(past)
      // Where nothing was done, the same call may simply be made again.
      if (isDone) this.#byKey.set(keyOf(grantId, key), past)
    }
    this.#wakeAtNext()
  }

  /** Without it a restart would know less, which is no reason to end anything. */
  #write(write: (store: LateStore) => void): void {
    const { store, log } = this.#deps
    if (store === undefined || this.#isStopped) return
    try {
      write(store)
    } catch (error) {
      log.error('gateway.late', { error: errorText(error) })
    }
  }
}

/** Whether one of them may be the same call. What its key is made of is compared first: to make one takes longer than most of a call. */
function isAmong(own: Iterable<LateCall | PastCall>, target: Target): boolean {
  const start = keyStart(target)
  for (const late of own) if (late.key.startsWith(start)) return true
  return false
}

/** Characters that are kept for it; no more than what is too much anyway. */
const sizeOf = ({ answer, error }: Ending): number =>
  Math.min(weigh([answer, error?.message, error?.data], 0), mostOfGrant + 1)

/** It has not ended yet. */
export const isOpen = (late: LateCall | PastCall): late is LateCall =>
  late instanceof LateCall && late.phase !== 'ended'

/** A call that has no more time than this beyond its client's patience is waited for. Milliseconds. */
const almostOver = 5_000
/** More than this Node takes for no time at all. */
const longestTimer = 2_000_000_000

const keyOf = (grantId: string, key: string): string => `${grantId} ${key}`

/** How a call ends whose pipeline did not get as far as saying so. */
export const endingOf = (error: unknown): Ending => failed(toEnglishReply(error))
