import type { Approval, Risk } from '../contract/models.ts'
import type { Clock } from '../kernel/clock.ts'
import { Emitter } from '../kernel/emitter.ts'
import { errorText, HostError } from '../kernel/errors.ts'
import { newId } from '../kernel/ids.ts'
import type { Log } from '../kernel/log.ts'
import { shorten } from '../kernel/shorten.ts'
import type { Database } from '../storage/database.ts'
import { createBackOff } from './back-off.ts'
import { createApprovalStore } from './store.ts'

/** A call that needs the user's word. */
export interface Question {
  grantId: string
  clientName: string
  tool: string
  toolTitle: string
  source: string
  risk: Risk
  /** Of the exact arguments: a decision holds for these and no others. */
  argumentsHash: string
  /** Pretty JSON for the user to read, secrets redacted. */
  arguments: string
}

/** `pending`: no word yet. The same call, made again, picks the decision up. */
export type Answer = 'allowed' | 'denied' | 'pending'

export interface Approvals {
  /**
   * Asks the user and waits `waitMs` for the answer. `allowed` and `denied` are told once. When several identical calls
   * wait, the newest is let through and the others stay `pending`: an approval runs one call. Throws when the question
   * cannot be stored.
   */
  ask(question: Question, signal?: AbortSignal): Promise<Answer>
  /** Throws HostError `approval-gone` when it was decided before or its time is over. */
  decide(id: string, decision: 'once' | 'deny'): void
  /**
   * Why a question would not be put to the user: its client was refused several times in a row (`seconds` are left), or has too
   * many waiting. Null: ask. A question that was put before is always null.
   */
  holdBack(
    question: Pick<Question, 'grantId' | 'tool'> & { argumentsHash(): string },
  ): { why: 'declined'; seconds: number } | { why: 'too-many' } | null
  /** Waiting ones, oldest first. */
  list(): Approval[]
  /** Says no to everything that is open for one grant, or for all (null), decided but not yet used included. */
  cancelFor(grantId: string | null): void
  readonly events: Emitter<{ asked: Approval; changed: Approval[] }>
  /** Ends what is overdue and forgets old rows. Also done by itself when a question's time is over. */
  sweep(): void
  /** Says no to everybody who waits. */
  stop(): void
}

/** So that one client cannot bury the user in questions; more of them stay `pending` unasked. */
const maxWaiting = 20
/** Long enough to read, short enough to store and show. */
const maxArguments = 100_000
/** A late yes is worth something only if there is still time to make the call again. */
const graceMs = 120_000
/** Closed rows are kept for a week, for looking into what happened. */
const forgetAfter = 7 * 24 * 3_600_000

export function createApprovals(deps: {
  db: Database
  clock: Clock
  log: Log
  /** How long a call is held; clients give up after about 60 s. */
  waitMs?: number
  /** How long a question stays open, and its decision after it. */
  keepMs?: number
}): Approvals {
  const { db, clock, log, waitMs = 40_000, keepMs = 600_000 } = deps
  const store = createApprovalStore(db)
  const events: Approvals['events'] = new Emitter((error) =>
    log.error('approvals.listener', { error: errorText(error) }),
  )
  /** The calls that are held, by approval, oldest first. */
  const held = new Map<string, Set<(answer: Answer) => void>>()
  const backOff = createBackOff(clock)
  let alarm: NodeJS.Timeout | undefined
  let stopped = false

  // A restart means no: nobody is waiting any more, and what was allowed before may be out of date.
  store.expireOpen(null)

  const changed = () => events.emit('changed', list())
  const list = () => store.waiting(clock.now())
  const release = (id: string, answer: Answer) => {
    for (const answerOne of [...(held.get(id) ?? [])]) answerOne(answer)
  }

  const wakeAtNextExpiry = () => {
    clearTimeout(alarm)
    const next = Math.min(...list().map((approval) => approval.expiresAt))
    if (stopped || next === Number.POSITIVE_INFINITY) return
    alarm = setTimeout(sweep, Math.max(next - clock.now(), 50))
    alarm.unref()
  }

  function sweep(): void {
    if (stopped) return
    const ended = store.expireDue(clock.now())
    for (const id of ended) release(id, 'denied')
    store.forget(clock.now() - forgetAfter)
    wakeAtNextExpiry()
    if (ended.length > 0) changed()
  }

  const hold = (id: string, signal?: AbortSignal) =>
    new Promise<Answer>((resolve) => {
      const waiters = held.get(id) ?? new Set()
      held.set(id, waiters)
      const answer = (result: Answer) => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', leave)
        waiters.delete(answer)
        if (waiters.size === 0) held.delete(id)
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
    list,
    sweep,

    async ask(question, signal) {
      if (stopped) return 'denied'
      if (signal?.aborted) return 'pending'
      const now = clock.now()
      const open = store.findOpen(question.grantId, question.tool, question.argumentsHash, now)
      if (open?.state === 'allowed' || open?.state === 'denied') {
        if (store.deliver(open.id, open.state, now)) return open.state
      }
      if (open?.state === 'waiting') return hold(open.id, signal)
      if (store.countWaiting(question.grantId, now) >= maxWaiting) {
        log.warn('approvals.too-many', { grantId: question.grantId, tool: question.tool })
        return 'pending'
      }
      const { argumentsHash, ...shown } = question
      const approval: Approval = {
        ...shown,
        id: newId('ask'),
        arguments: shorten(question.arguments, maxArguments),
        state: 'waiting',
        askedAt: now,
        expiresAt: now + keepMs,
      }
      store.insert(approval, argumentsHash)
      const answer = hold(approval.id, signal)
      wakeAtNextExpiry()
      events.emit('asked', approval)
      changed()
      return answer
    },

    holdBack({ grantId, tool, argumentsHash }) {
      const now = clock.now()
      const left = backOff.left(grantId)
      if (left === 0 && store.countWaiting(grantId, now) < maxWaiting) return null
      if (store.findOpen(grantId, tool, argumentsHash(), now)) return null
      return left > 0 ? { why: 'declined', seconds: Math.ceil(left / 1000) } : { why: 'too-many' }
    },

    decide(id, decision) {
      const now = clock.now()
      const grantId = list().find((approval) => approval.id === id)?.grantId
      const waiters = [...(held.get(id) ?? [])]
      const newest = waiters.at(-1)
      const yes = decision === 'once'
      // Stored before anybody is let go: an approval is spent before the call runs, so that a crash cannot repeat it.
      const done = newest
        ? store.decideAndDeliver(id, yes ? 'used' : 'denied', now)
        : store.decide(id, yes ? 'allowed' : 'denied', now, now + graceMs)
      if (!done) {
        throw new HostError({
          code: 'approval-gone',
          message: 'This question was already answered, or its time is over.',
          hint: 'If the assistant asks again, a new question appears.',
        })
      }
      if (grantId !== undefined) backOff[yes ? 'approved' : 'declined'](grantId)
      newest?.(yes ? 'allowed' : 'denied')
      release(id, yes ? 'pending' : 'denied')
      wakeAtNextExpiry()
      changed()
    },

    cancelFor(grantId) {
      const ended = store.expireOpen(grantId)
      for (const id of ended) release(id, 'denied')
      if (ended.length > 0) changed()
    },

    stop() {
      if (stopped) return
      stopped = true
      clearTimeout(alarm)
      for (const id of store.expireOpen(null)) release(id, 'denied')
    },
  }
}
