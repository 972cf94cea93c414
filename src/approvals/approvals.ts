import type {
  Approval,
  ApprovalAnswer,
  ApprovalChoice,
  ApprovalDetails,
  ApprovalRequest,
  HeldBack,
  ReadQuestion,
} from '../contract/approvals.ts'
import { type Clock, nextOrder } from '../kernel/clock.ts'
import { Emitter } from '../kernel/emitter.ts'
import { errorText, HostError } from '../kernel/errors.ts'
import { newId } from '../kernel/ids.ts'
import type { Log } from '../kernel/log/log.ts'
import type { Redactor } from '../kernel/log/redact.ts'
import { shorten } from '../kernel/shorten.ts'
import type { HeldRule } from '../mcp/decision.ts'
import type { Database } from '../storage/database/database.ts'
import { inTransaction } from '../storage/database/in-transaction.ts'
import { createBackOff } from './back-off.ts'
import { editedArguments } from './edited-arguments.ts'
import type { Rules } from './rules.ts'
import { fingerprint, lineSeen, longest, shownCall, shownName } from './shown.ts'
import { type ApprovalStore, createApprovalStore } from './store.ts'

/** So that one client cannot bury the user in questions; more of them stay `pending` unasked. */
const maxWaiting = 20
/** Characters of shown arguments that may wait at once, for one grant: some megabytes of memory, and more than anybody reads. */
const mostWaiting = 4_000_000
/** Of what is stored for looking into later, in characters. */
const maxStored = 100_000
/** Closed rows are kept for a week, for looking into what happened. */
const forgetAfter = 7 * 24 * 3_600_000

interface ApprovalsDeps {
  db: Database
  clock: Clock
  log: Log
  redactor: Pick<Redactor, 'value'>
  /** Where answers that hold for longer are kept; absent: there are none. */
  rules?: Pick<Rules, 'choices' | 'make'>
  /** How long a question stays open, and its decision after it. */
  keepMs?: number | undefined
}

/** The whole life of a question: asked, shown, answered or not, and what becomes of the calls that wait for it. */
export class Approvals {
  /** `heldBack`: questions of some grant are held back from now on, or for longer, or not any more. */
  readonly events: Emitter<{
    asked: Approval
    changed: Approval[]
    heldBack: { grantId: string }
  }>
  /** Characters of arguments, as JSON, that can be asked about at all. */
  readonly longest = longest
  readonly #db: Database
  readonly #clock: Clock
  readonly #log: Log
  readonly #redactor: Pick<Redactor, 'value'>
  readonly #rules: ApprovalsDeps['rules']
  readonly #keepMs: number
  readonly #store: ApprovalStore
  readonly #backOff: ReturnType<typeof createBackOff>
  /** The calls that are held, by approval, oldest first. */
  readonly #held = new Map<string, Set<(answer: ApprovalAnswer) => void>>()
  /** The questions that wait, as they are shown: in memory alone, since a restart answers them all. */
  readonly #shown = new Map<string, ApprovalDetails>()
  /** What they are about, as a rule knows it, and what else would fit. */
  readonly #subjects = new Map<string, Subject>()
  /** When it is over with holding a grant's questions back. */
  readonly #backOffEnds = new Map<string, NodeJS.Timeout>()
  #alarm: NodeJS.Timeout | undefined
  #stopped = false

  constructor({ db, clock, log, redactor, rules, keepMs = 600_000 }: ApprovalsDeps) {
    this.#db = db
    this.#rules = rules
    this.#clock = clock
    this.#log = log
    this.#redactor = redactor
    this.#keepMs = keepMs
    this.#backOff = createBackOff(clock)
    this.events = new Emitter((error) => log.error('approvals.listener', { error: errorText(error) }))
    this.#store = createApprovalStore(db)
    // A restart means no: nobody is waiting any more, and what was allowed before may be out of date.
    this.#store.expireOpen(null)
  }

  /**
   * Asks the user and waits for the answer, however long its client does. `allowed` and `denied` are told once. When several identical
   * calls wait, the newest is let through and the others get `elsewhere`: an approval runs one call. Who aborts takes the question back.
   * Throws when it cannot be stored.
   */
  async ask(question: ApprovalRequest, signal?: AbortSignal): Promise<ApprovalAnswer> {
    if (this.#stopped || signal?.aborted) return 'ended'
    const now = this.#clock.now()
    const { grantId, tool, argumentsHash } = question
    const met = this.#store.findWaiting(grantId, tool, argumentsHash, now)
    if (met !== null && this.#shown.has(met)) {
      this.#join(met, question.readBefore)
      return this.#hold(met, signal)
    }
    const own = this.#open().filter((one) => one.grantId === grantId)
    if (own.length >= maxWaiting) {
      this.#log.warn('approvals.too-many', { grantId, tool })
      return 'pending'
    }
    const { subject, risk } = question
    const choices = this.#rules?.choices(subject, risk, grantId) ?? ['once']
    const asked = detailsOf(question, choices, now, now + this.#keepMs)
    if (asked === null) return 'unshowable'
    const waiting = own.reduce((sum, one) => sum + one.arguments.length, 0)
    if (!fits(waiting, asked.arguments.length)) {
      this.#log.warn('approvals.too-much', { grantId, tool })
      return 'crowded'
    }
    return this.#put(question, asked, signal)
  }

  /**
   * `seen`, without which nothing is allowed: of what was shown (`Approval.lineSeen`, `ApprovalDetails.seen`). `edited`: JSON of what
   * runs instead, once. An answer that holds for longer is given to all that wait and that it holds for. Throws HostError
   * `approval-gone` when it was decided before or its time is over, `not-seen` when something else was shown, `choice-not-offered`,
   * `not-editable`, `edit-unreadable`, `edit-unfit`.
   */
  decide(id: string, decision: ApprovalChoice | 'deny', seen?: string, edited?: string): void {
    const asked = this.get(id)
    const yes = decision !== 'deny' && decision !== 'never'
    if (decision !== 'deny' && !asked.choices.includes(decision)) throw notOffered()
    if (yes && asked.seen !== seen) throw notSeen()
    const { misfits } = this.#subjects.get(id) ?? {}
    const args = edited === undefined ? null : editedArguments(edited, misfits)
    const [hold, tell] = inTransaction(this.#db, () => {
      const settled = this.#settle(asked, yes)
      if (settled === null) throw gone()
      return [this.#remember(asked, decision), settled] as const
    })
    const rule = hold?.()
    this.#weigh(asked.grantId, yes)
    tell(args === null ? undefined : { edited: args })
    if (rule) {
      const byRule = { rule: rule.id, effect: rule.effect }
      for (const other of this.#coveredBy(rule, asked)) this.#settle(other, yes)?.(byRule)
    }
    this.#wakeAtNextExpiry()
    this.#tellChanged()
  }

  /** Stores a rule, where the answer is one. */
  #remember(asked: ApprovalDetails, decision: ApprovalChoice | 'deny'): (() => HeldRule) | undefined {
    if (decision === 'deny' || decision === 'once') return undefined
    const { subject, arguments: args, order } = this.#subjects.get(asked.id) ?? {}
    if (this.#rules === undefined || subject === undefined) throw notOffered()
    return this.#rules.make(decision, asked, subject, args, order)
  }

  /** What else waits that this answer is given for; why it is asked must be the access level, which is all that a rule answers. */
  #coveredBy(rule: HeldRule, { id, grantId, toolId }: ApprovalDetails): ApprovalDetails[] {
    return this.#open().filter((other) => {
      if (other.id === id || other.grantId !== grantId || other.toolId !== toolId) return false
      const subject = this.#subjects.get(other.id)?.subject
      if (rule.effect === 'never') return true
      return (
        subject !== undefined &&
        other.why === 'access' &&
        subject.definitionHash === rule.definitionHash &&
        subject.identity === rule.identity &&
        (rule.chat === null || rule.chat === subject.chat) &&
        (rule.argumentsHash === null || rule.argumentsHash === subject.argumentsHash)
      )
    })
  }

  /**
   * Stored before anybody is let go (`tell`): an approval is spent before the call runs, so that a crash cannot repeat it. Null: it does
   * not wait any more.
   */
  #settle({ id }: ApprovalDetails, yes: boolean): ((instead?: ApprovalAnswer) => void) | null {
    if (!this.#store.decide(id, yes ? 'used' : 'denied', this.#clock.now())) return null
    const newest = [...(this.#held.get(id) ?? [])].at(-1)
    return (instead) => {
      newest?.(instead ?? (yes ? 'allowed' : 'denied'))
      this.#close(id, yes ? 'elsewhere' : 'denied')
    }
  }

  /** With everything that would reach its source. Throws HostError `approval-gone`. */
  get(id: string): ApprovalDetails {
    const found = this.#shown.get(id)
    if (!found || found.expiresAt <= this.#clock.now()) throw gone()
    return found
  }

  /** Waiting ones, oldest first. */
  list(): Approval[] {
    return this.#open().map(summary)
  }

  /**
   * Why a question would not be put to the user: its client was refused several times in a row (`seconds` are left), or has too
   * many waiting. Null: ask. A question that was put before is always null.
   */
  holdBack(
    request: Pick<ApprovalRequest, 'grantId' | 'tool'> & { argumentsHash(): string },
  ): HeldBack | null {
    const { grantId, tool } = request
    const left = this.#backOff.left(grantId)
    if (left === 0 && this.#open().filter((one) => one.grantId === grantId).length < maxWaiting) return null
    if (this.#store.findWaiting(grantId, tool, request.argumentsHash(), this.#clock.now()) !== null)
      return null
    return left > 0 ? { why: 'declined', seconds: Math.ceil(left / 1000) } : { why: 'too-many' }
  }

  /** Until when all new questions of this grant are refused unasked; null: they are not. */
  heldBackUntil(grantId: string): number | null {
    const left = this.#backOff.left(grantId)
    return left > 0 ? this.#clock.now() + left : null
  }

  /** Says no to everything that waits of one grant, or of all (null). */
  cancelFor(grantId: string | null): void {
    this.#write(() => this.#store.expireOpen(grantId))
    this.#end('ended', (one) => grantId === null || one.grantId === grantId)
  }

  /** Ends what is overdue and forgets old rows. Also done by itself when a question's time is over. */
  sweep(): void {
    if (this.#stopped) return
    const now = this.#clock.now()
    this.#write(() => {
      this.#store.expireDue(now)
      this.#store.forget(now - forgetAfter)
    })
    this.#end('expired', ({ expiresAt }) => expiresAt <= now)
    this.#wakeAtNextExpiry()
  }

  /** Says no to everybody who waits. */
  stop(): void {
    if (this.#stopped) return
    this.#stopped = true
    clearTimeout(this.#alarm)
    for (const timer of this.#backOffEnds.values()) clearTimeout(timer)
    this.#write(() => this.#store.expireOpen(null))
    for (const id of [...this.#shown.keys()]) this.#close(id, 'ended')
  }

  #end(answer: 'ended' | 'expired', isMeant: (one: ApprovalDetails) => boolean): void {
    const ended = [...this.#shown.values()].filter(isMeant)
    for (const { id } of ended) this.#close(id, answer)
    if (ended.length > 0) this.#tellChanged()
  }

  /** That something is over. It is in memory, and for the next life, also where the disk takes nothing: nobody is kept waiting for that. */
  #write(write: () => void): void {
    try {
      write()
    } catch (error) {
      this.#log.error('approvals.write', { error: errorText(error) })
    }
  }

  #put(question: ApprovalRequest, asked: ApprovalDetails, signal?: AbortSignal): Promise<ApprovalAnswer> {
    const stored = JSON.stringify(this.#redactor.value(question.arguments), null, 2)
    this.#store.insert(asked, question.argumentsHash, shorten(stored, maxStored))
    this.#shown.set(asked.id, asked)
    this.#subjects.set(asked.id, subjectOf(question))
    const answer = this.#hold(asked.id, signal)
    this.#wakeAtNextExpiry()
    this.events.emit('asked', summary(asked))
    this.#tellChanged()
    return answer
  }

  /** The same as waits is wanted from where more was read: the question says so from now on, and has to be looked at anew. */
  alsoRead({ grantId, tool, argumentsHash, readBefore }: ReadQuestion): void {
    const id = this.#store.findWaiting(grantId, tool, argumentsHash, this.#clock.now())
    if (id !== null && this.#shown.has(id)) this.#join(id, readBefore)
  }

  #join(id: string, read: ReadQuestion['readBefore']): void {
    const asked = this.#shown.get(id)!
    const subject = this.#subjects.get(id)!
    if (!read || (read.order ?? 0) <= (subject.readOrder ?? -1)) return
    const readBefore = shownRead(read)
    const seen = fingerprint(
      id,
      asked.toolId,
      asked.sourceId,
      `${asked.arguments}\n${JSON.stringify(readBefore)}`,
    )
    this.#shown.set(id, {
      ...asked,
      why: 'taint',
      readBefore,
      seen,
      lineSeen: asked.lineSeen === null ? null : seen,
    })
    this.#subjects.set(id, { ...subject, order: nextOrder(), readOrder: read.order ?? 0 })
    this.#tellChanged()
  }

  #hold(id: string, signal?: AbortSignal): Promise<ApprovalAnswer> {
    return new Promise((resolve) => {
      const waiters = this.#held.get(id) ?? new Set()
      this.#held.set(id, waiters)
      const answer = (result: ApprovalAnswer) => {
        signal?.removeEventListener('abort', takeBack)
        waiters.delete(answer)
        if (waiters.size === 0) this.#held.delete(id)
        resolve(result)
      }
      const takeBack = () => {
        answer('ended')
        if (waiters.size === 0) this.#withdraw(id)
      }
      signal?.addEventListener('abort', takeBack, { once: true })
      waiters.add(answer)
    })
  }

  /** Nobody wants to know any more. */
  #withdraw(id: string): void {
    if (this.#stopped || !this.#shown.has(id)) return
    this.#write(() => this.#store.withdraw(id))
    this.#close(id, 'ended')
    this.#wakeAtNextExpiry()
    this.#tellChanged()
  }

  #open(): ApprovalDetails[] {
    return this.#store.waiting(this.#clock.now()).flatMap((id) => this.#shown.get(id) ?? [])
  }

  #close(id: string, answer: ApprovalAnswer): void {
    this.#shown.delete(id)
    this.#subjects.delete(id)
    for (const answerOne of [...(this.#held.get(id) ?? [])]) answerOne(answer)
  }

  #tellChanged(): void {
    this.events.emit('changed', this.list())
  }

  /** A yes or a no was said to one of this grant's questions. */
  #weigh(grantId: string, yes: boolean): void {
    const before = this.#backOff.left(grantId)
    this.#backOff[yes ? 'approved' : 'declined'](grantId)
    const left = this.#backOff.left(grantId)
    if (left === before) return
    const tell = () => this.events.emit('heldBack', { grantId })
    const ends = this.#backOffEnds
    clearTimeout(ends.get(grantId))
    ends.delete(grantId)
    if (left > 0) ends.set(grantId, setTimeout(() => ends.delete(grantId) && tell(), left + 20).unref())
    tell()
  }

  #wakeAtNextExpiry(): void {
    clearTimeout(this.#alarm)
    const next = Math.min(...this.#open().map((approval) => approval.expiresAt))
    if (this.#stopped || next === Number.POSITIVE_INFINITY) return
    this.#alarm = setTimeout(() => this.sweep(), Math.max(next - this.#clock.now(), 50)).unref()
  }
}

interface Subject extends Pick<ApprovalRequest, 'subject' | 'arguments' | 'misfits'> {
  /** Of the question. */
  order: number
  /** Of what it says was read; left out: nothing. */
  readOrder?: number
}

/** As it is while the question is put: what changes before the answer is not what was answered about. */
function subjectOf({ subject, arguments: args, misfits, readBefore }: ApprovalRequest): Subject {
  const given = {
    ...{ arguments: args, order: nextOrder() },
    ...(misfits && { misfits }),
    ...(readBefore && { readOrder: readBefore.order ?? 0 }),
  }
  if (subject === undefined) return given
  const { toolId, chat, definitionHash, identity, argumentsHash } = subject
  return { subject: { toolId, chat, definitionHash, identity, argumentsHash }, ...given }
}

/** Whether another question of this many characters may wait beside those of the same grant that wait already. */
export const fits = (waitingCharacters: number, more: number): boolean =>
  waitingCharacters + more <= mostWaiting

/** Null when it cannot be shown whole. */
function detailsOf(
  question: ApprovalRequest,
  choices: ApprovalChoice[],
  now: number,
  expiresAt: number,
): ApprovalDetails | null {
  const { toolId, sourceId, risk, readBefore: read } = question
  const what = shownCall(question.tool, question.arguments)
  if (what === null) return null
  const id = newId('ask')
  const seen = fingerprint(id, toolId, sourceId, what.text)
  return {
    id,
    grantId: question.grantId,
    clientName: shownName(question.clientName),
    tool: question.tool,
    toolId,
    toolTitle: shownName(question.toolTitle),
    source: shownName(question.source),
    sourceId,
    risk,
    line: what.line,
    lineSeen: lineSeen(what, risk, seen),
    sentence: question.sentence ?? null,
    why: question.why ?? 'access',
    readBefore: read ? shownRead(read) : null,
    choices,
    canEdit: question.misfits !== undefined,
    arguments: what.text,
    seen,
    state: 'waiting',
    askedAt: now,
    expiresAt,
  }
}

const shownRead = ({ what, at }: NonNullable<ApprovalRequest['readBefore']>) => ({
  what: shownName(what),
  at,
})

const summary = ({
  arguments: _arguments,
  seen: _seen,
  canEdit: _canEdit,
  ...approval
}: ApprovalDetails): Approval => approval

const gone = () => new HostError({ code: 'approval-gone' })
const notSeen = () => new HostError({ code: 'not-seen' })
const notOffered = () => new HostError({ code: 'choice-not-offered' })
