/** It is a little long because the whole life of a question stands in one place. */
import type {
  Approval,
  ApprovalAnswer,
  ApprovalDetails,
  ApprovalRequest,
  HeldBack,
} from '../contract/approvals.ts'
import type { Clock } from '../kernel/clock.ts'
import { Emitter } from '../kernel/emitter.ts'
import { errorText, HostError } from '../kernel/errors.ts'
import { newId } from '../kernel/ids.ts'
import type { Log } from '../kernel/log.ts'
import type { Redactor } from '../kernel/redact.ts'
import { shorten } from '../kernel/shorten.ts'
import type { Database } from '../storage/database/database.ts'
import { createBackOff } from './back-off.ts'
import { fits } from './quota.ts'
import { fingerprint, lineSeen, longest, shownCall, shownName } from './shown.ts'
import { createApprovalStore } from './store.ts'

/**
 * What became of a question after its client had stopped waiting. `allowed`: it may run when the same call is made again;
 * `retried`: that had happened already; `ended`: the client's access was changed or taken; `unasked`: too many waited.
 */
export type Closed = 'allowed' | 'denied' | 'expired' | 'ended' | 'retried' | 'unasked'

export interface Decided {
  /** Whether a call was still held for it. */
  heard: boolean
  /** Until when the same call, made again, picks the word up; null when that is not needed, or it was a no. */
  until: number | null
}

export interface Approvals {
  /**
   * Asks the user and waits `waitMs` for the answer. `allowed` and `denied` are told once. When several identical calls
   * wait, the newest is let through and the others stay `pending`: an approval runs one call. Throws when the question
   * cannot be stored.
   */
  ask(question: ApprovalRequest, signal?: AbortSignal): Promise<ApprovalAnswer>
  /**
   * `seen`, without which nothing is allowed: of what was shown (`Approval.lineSeen`, `ApprovalDetails.seen`). Throws HostError
   * `approval-gone` when it was decided before or its time is over, `not-seen` when something else was shown.
   */
  decide(id: string, decision: 'once' | 'deny', seen?: string): Decided
  /** With everything that would reach its source. Throws HostError `approval-gone`. */
  get(id: string): ApprovalDetails
  /**
   * Why a question would not be put to the user: its client was refused several times in a row (`seconds` are left), or has too
   * many waiting. Null: ask. A question that was put before is always null.
   */
  holdBack(question: Pick<ApprovalRequest, 'grantId' | 'tool'> & { argumentsHash(): string }): HeldBack | null
  /** Until when all new questions of this grant are refused unasked; null: they are not. */
  heldBackUntil(grantId: string): number | null
  /** Waiting ones, oldest first. */
  list(): Approval[]
  /** Says no to everything that is open for one grant, or for all (null), decided but not yet used included. */
  cancelFor(grantId: string | null): void
  /** Characters of arguments, as JSON, that can be asked about at all. */
  readonly longest: number
  /**
   * `closed`: of calls, in the log, that were answered with `pending`. Told once for each, after its row was written. `heldBack`: questions
   * of some grant are held back from now on, or for longer, or not any more.
   */
  readonly events: Emitter<{
    asked: Approval
    changed: Approval[]
    closed: { call: string; how: Closed }
    heldBack: { grantId: string }
  }>
  /** Ends what is overdue and forgets old rows. Also done by itself when a question's time is over. */
  sweep(): void
  /** Says no to everybody who waits. */
  stop(): void
}

/** So that one client cannot bury the user in questions; more of them stay `pending` unasked. */
const maxWaiting = 20
/** Of what is stored for looking into later, in characters. */
const maxStored = 100_000
/** A late yes is worth something only if there is still time to make the call again. */
const graceMs = 120_000
/** Closed rows are kept for a week, for looking into what happened. */
const forgetAfter = 7 * 24 * 3_600_000

export function createApprovals(deps: {
  db: Database
  clock: Clock
  log: Log
  redactor: Pick<Redactor, 'value'>
  /** How long a call is held; clients give up after about 60 s. */
  waitMs?: number
  /** How long a question stays open, and its decision after it. */
  keepMs?: number
}): Approvals {
  const { db, clock, log, redactor, waitMs = 40_000, keepMs = 600_000 } = deps
  const store = createApprovalStore(db)
  const events: Approvals['events'] = new Emitter((error) =>
    log.error('approvals.listener', { error: errorText(error) }),
  )
  /** The calls that are held, by approval, oldest first. */
  const held = new Map<string, Set<(answer: ApprovalAnswer) => void>>()
  /** The questions that wait, as they are shown: in memory alone, since a restart answers them all. */
  const shown = new Map<string, ApprovalDetails>()
  const backOff = createBackOff(clock)
  /** When it is over with holding a grant's questions back. */
  const overs = new Map<string, NodeJS.Timeout>()
  /** The calls that were answered with `pending`, by approval. */
  const left = new Map<string, Set<string>>()
  let alarm: NodeJS.Timeout | undefined
  let stopped = false

  // A restart means no: nobody is waiting any more, and what was allowed before may be out of date.
  store.expireOpen(null)

  const changed = () => events.emit('changed', list())
  const open = (): ApprovalDetails[] => store.waiting(clock.now()).flatMap((id) => shown.get(id) ?? [])
  const list = () => open().map(summary)
  const get = (id: string): ApprovalDetails => {
    const found = shown.get(id)
    if (!found || found.expiresAt <= clock.now()) throw gone()
    return found
  }
  const gone = () =>
    new HostError({
      code: 'approval-gone',
      message: 'This question was already answered, or its time is over.',
      hint: 'If the assistant asks again, a new question appears.',
    })
  const close = (id: string, answer: ApprovalAnswer, how: Closed) => {
    shown.delete(id)
    for (const answerOne of [...(held.get(id) ?? [])]) answerOne(answer)
    tellLeft(left.get(id) ?? [], how)
    left.delete(id)
  }
  const tellLeft = (calls: Iterable<string>, how: Closed) => {
    // Later: one that leaves just now has yet to write into its row that it waits.
    for (const call of calls) setImmediate(() => stopped || events.emit('closed', { call, how }))
  }

  /** A yes or a no was said to one of this grant's questions. */
  const weigh = (grantId: string, yes: boolean) => {
    const before = backOff.left(grantId)
    backOff[yes ? 'approved' : 'declined'](grantId)
    const left = backOff.left(grantId)
    if (left === before) return
    clearTimeout(overs.get(grantId))
    overs.delete(grantId)
    const tell = () => events.emit('heldBack', { grantId })
    if (left > 0) overs.set(grantId, setTimeout(() => overs.delete(grantId) && tell(), left + 20).unref())
    tell()
  }

  const wakeAtNextExpiry = () => {
    clearTimeout(alarm)
    const next = Math.min(...open().map((approval) => approval.expiresAt))
    if (stopped || next === Number.POSITIVE_INFINITY) return
    alarm = setTimeout(sweep, Math.max(next - clock.now(), 50))
    alarm.unref()
  }

  function sweep(): void {
    if (stopped) return
    const ended = store.expireDue(clock.now())
    for (const id of ended) close(id, 'denied', 'expired')
    store.forget(clock.now() - forgetAfter)
    wakeAtNextExpiry()
    if (ended.length > 0) changed()
  }

  const hold = (id: string, call: string | undefined, signal?: AbortSignal) =>
    new Promise<ApprovalAnswer>((resolve) => {
      const waiters = held.get(id) ?? new Set()
      held.set(id, waiters)
      const answer = (result: ApprovalAnswer) => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', leave)
        waiters.delete(answer)
        if (waiters.size === 0) held.delete(id)
        if (result === 'pending' && call !== undefined) left.set(id, (left.get(id) ?? new Set()).add(call))
        resolve(result)
      }
      // Whoever leaves, leaves the question standing: the retry picks the decision up.
      const leave = () => answer('pending')
      const timer = setTimeout(leave, waitMs)
      signal?.addEventListener('abort', leave, { once: true })
      waiters.add(answer)
    })

  return {
    events,
    longest,
    list,
    sweep,

    async ask(question, signal) {
      if (stopped) return 'denied'
      if (signal?.aborted) return 'pending'
      const now = clock.now()
      const met = store.findOpen(question.grantId, question.tool, question.argumentsHash, now)
      if (met?.state === 'allowed' || met?.state === 'denied') {
        if (store.deliver(met.id, met.state, now)) return met.state
      }
      if (met?.state === 'waiting') return hold(met.id, question.call, signal)
      const own = open().filter(({ grantId }) => grantId === question.grantId)
      if (own.length >= maxWaiting) {
        log.warn('approvals.too-many', { grantId: question.grantId, tool: question.tool })
        if (question.call !== undefined) tellLeft([question.call], 'unasked')
        return 'pending'
      }
      const asked = detailsOf(question, now)
      if (asked === null) return 'unshowable'
      const waiting = own.reduce((sum, one) => sum + one.arguments.length, 0)
      if (!fits(waiting, asked.arguments.length)) {
        log.warn('approvals.too-much', { grantId: question.grantId, tool: question.tool })
        return 'crowded'
      }
      const stored = JSON.stringify(redactor.value(question.arguments), null, 2)
      store.insert(asked, question.argumentsHash, shorten(stored, maxStored))
      shown.set(asked.id, asked)
      const approval = summary(asked)
      const answer = hold(approval.id, question.call, signal)
      wakeAtNextExpiry()
      events.emit('asked', approval)
      changed()
      return answer
    },

    get,

    heldBackUntil(grantId) {
      const left = backOff.left(grantId)
      return left > 0 ? clock.now() + left : null
    },

    holdBack({ grantId, tool, argumentsHash }) {
      const now = clock.now()
      const left = backOff.left(grantId)
      if (left === 0 && open().filter((one) => one.grantId === grantId).length < maxWaiting) return null
      if (store.findOpen(grantId, tool, argumentsHash(), now)) return null
      return left > 0 ? { why: 'declined', seconds: Math.ceil(left / 1000) } : { why: 'too-many' }
    },

    decide(id, decision, seen) {
      const now = clock.now()
      const asked = get(id)
      if (asked.seen !== seen && decision === 'once')
        throw new HostError({
          code: 'not-seen',
          message: 'What would run has not been shown whole, so nothing was allowed.',
          hint: 'Look at everything that would reach the tool, then allow it.',
        })
      const waiters = [...(held.get(id) ?? [])]
      const newest = waiters.at(-1)
      const yes = decision === 'once'
      // Stored before anybody is let go: an approval is spent before the call runs, so that a crash cannot repeat it.
      const done = newest
        ? store.decideAndDeliver(id, yes ? 'used' : 'denied', now)
        : store.decide(id, yes ? 'allowed' : 'denied', now, now + graceMs)
      if (!done) throw gone()
      weigh(asked.grantId, yes)
      newest?.(yes ? 'allowed' : 'denied')
      close(id, yes ? 'pending' : 'denied', !yes ? 'denied' : newest ? 'retried' : 'allowed')
      wakeAtNextExpiry()
      changed()
      const until = yes && !newest ? Math.max(asked.expiresAt, now + graceMs) : null
      return { heard: newest !== undefined, until }
    },

    cancelFor(grantId) {
      const ended = store.expireOpen(grantId)
      for (const id of ended) close(id, 'denied', 'ended')
      if (ended.length > 0) changed()
    },

    stop() {
      if (stopped) return
      stopped = true
      clearTimeout(alarm)
      for (const over of overs.values()) clearTimeout(over)
      for (const id of store.expireOpen(null)) close(id, 'denied', 'ended')
    },
  }

  function detailsOf(question: ApprovalRequest, now: number): ApprovalDetails | null {
    const { grantId, toolId, sourceId, risk } = question
    const what = shownCall(question.tool, question.arguments)
    if (what === null) return null
    const id = newId('ask')
    const seen = fingerprint(id, toolId, sourceId, what.text)
    return {
      ...{ id, grantId, toolId, sourceId, risk, seen },
      clientName: shownName(question.clientName),
      tool: question.tool,
      toolTitle: shownName(question.toolTitle),
      source: shownName(question.source),
      line: what.line,
      lineSeen: lineSeen(what, risk, seen),
      arguments: what.text,
      state: 'waiting',
      askedAt: now,
      expiresAt: now + keepMs,
    }
  }
}

const summary = ({ arguments: _arguments, seen: _seen, ...approval }: ApprovalDetails): Approval => approval
