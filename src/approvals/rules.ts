import type { CallRule } from '../contract/activity.ts'
import type { ApprovalChoice, ApprovalDetails, RuleSubject } from '../contract/approvals.ts'
import type { Rule, SleepReason } from '../contract/rules.ts'
import { type Clock, nextOrder } from '../kernel/clock.ts'
import { Emitter } from '../kernel/emitter.ts'
import { doAll, errorText, HostError } from '../kernel/errors.ts'
import { newId } from '../kernel/ids.ts'
import type { Log } from '../kernel/log/log.ts'
import type { Redactor } from '../kernel/log/redact.ts'
import type { HeldRule, RuleBook } from '../mcp/decision.ts'
import type { Database } from '../storage/database/database.ts'
import { inTransaction } from '../storage/database/in-transaction.ts'
import { type LastWrites, noReserve } from '../storage/reserve.ts'
import { createRuleTable, type RuleTable, type StoredRule } from './rule-table.ts'
import { shownCall, shownName } from './shown.ts'

const minutes = 15 * 60_000
/** A chat that does not say when it ends. */
const longestChat = 24 * 3_600_000
/** So long the owner can still see what a rule was that is over. */
const forgetAfter = 7 * 24 * 3_600_000
/** Uses are counted at once and written together: a rule is there to make calls quick. Milliseconds. */
const writeAfter = 250
/** Rules of one grant. Nobody answers more questions; a client must not fill the table with its owner's help either. */
const mostOfGrant = 500
/** Characters of a call's arguments that are written on the line about its last use. */
const longestUse = 4_000

/** A tool as it is now; null: it is not there. */
export type ToolNow = Pick<HeldRule, 'definitionHash' | 'identity'> & { risk: Rule['risk'] }

interface RulesDeps {
  db: Database
  clock: Clock
  log: Log
  redactor: Pick<Redactor, 'value'>
  /** By the id that never changes. */
  toolNow(toolId: string): ToolNow | null
  /** Whether a rule like that would allow something destructive for ever (`policy/rules.ts`). */
  isTooMuch(rule: HeldRule, risk: Rule['risk']): boolean
  /** How a tool and its source are called now; of a tool that is not there, by what it cannot be taken for another. Left out: as then. */
  namesOf?(toolId: string): { tool: string; source: string | null }
  /** How its owner calls a client now; null: it is gone. Left out: as it was called when he answered. */
  nameOf?(grantId: string): string | null
  /** Left out: no room is kept for them. */
  last?: Pick<LastWrites, 'write'>
}

type Lasting = Exclude<ApprovalChoice, 'once'>

/** The owner's answers that hold for more than one call: in memory, because every call asks, and in the table `rules`. */
export class Rules implements RuleBook {
  readonly events: Emitter<{ changed: Record<string, never> }>
  readonly #deps: RulesDeps
  readonly #table: RuleTable
  readonly #byId = new Map<string, StoredRule>()
  /** By grant, then by tool. */
  readonly #book = new Map<string, Map<string, StoredRule[]>>()
  /** Used since they were written, and what for. */
  readonly #used = new Map<StoredRule, { tool: string; arguments: unknown } | null>()
  /** Ids of those that decide nothing any more and are in the table still. */
  readonly #removed = new Set<string>()
  #write: NodeJS.Timeout | undefined

  constructor(deps: RulesDeps) {
    this.#deps = deps
    this.events = new Emitter((error) => deps.log.error('rules.listener', { error: errorText(error) }))
    this.#table = createRuleTable(deps.db)
    for (const rule of this.#table.all()) this.#hold(rule)
  }

  of(grantId: string, toolId: string): readonly HeldRule[] | undefined {
    return this.#book.get(grantId)?.get(toolId)
  }

  now(): number {
    return this.#deps.clock.now()
  }

  /** What can be answered about such a call, beside no. */
  choices(subject: RuleSubject | undefined, risk: Rule['risk'], grantId: string): ApprovalChoice[] {
    if (subject === undefined || this.#countOf(grantId) >= mostOfGrant) return ['once']
    const always: ApprovalChoice[] = risk === 'destructive' ? ['exact'] : ['exact', 'tool']
    return ['once', '15m', ...(subject.chat === null ? [] : ['chat' as const]), ...always, 'never']
  }

  /**
   * Stored when it returns; held, and told, with the function it returns: whoever answers does more in the same transaction. Throws
   * HostError `rules-full`: more questions waited, each with its choices, than there is room for rules. `order`: of the question.
   */
  make(
    choice: Lasting,
    asked: ApprovalDetails,
    subject: RuleSubject,
    args: unknown,
    order = nextOrder(),
  ): () => HeldRule {
    const now = this.now()
    // Not when he answered: of what was read in between the question said nothing.
    const since = asked.askedAt
    const { grantId, clientName, tool, toolTitle, source, risk } = asked
    if (this.#countOf(grantId) >= mostOfGrant)
      throw new HostError({ code: 'rules-full', params: { client: clientName, most: mostOfGrant } })
    const { toolId, definitionHash, identity } = subject
    const isExact = choice === 'exact'
    const rule: StoredRule = {
      id: newId('rule'),
      effect: choice === 'never' ? 'never' : 'allow',
      ...{
        grantId,
        clientName,
        toolId,
        tool,
        toolTitle,
        source,
        risk,
        definitionHash,
        identity,
        since,
        order,
      },
      argumentsHash: isExact ? subject.argumentsHash : null,
      exactly: isExact ? this.#lineOf(tool, args) : null,
      chat: choice === 'chat' ? subject.chat : null,
      until: choice === '15m' ? now + minutes : choice === 'chat' ? since + longestChat : null,
      waivesTaint: false,
      ...{ uses: 0, lastUsedAt: null, lastCall: null, lastLine: null, asleepSince: null, asleepWhy: null },
    }
    this.#table.insert(rule)
    return () => {
      this.#hold(rule)
      this.#tell()
      return rule
    }
  }

  /**
   * Counts a call that it decides about. False: it is not there any more, or over, and decides nothing. A call whose id is null has no
   * row: of those that are refused not every one has.
   */
  readonly apply = (id: string, call: { id: string | null; tool: string; arguments: unknown }): boolean => {
    const rule = this.#byId.get(id)
    const now = this.now()
    if (rule === undefined || (rule.until !== null && rule.until <= now)) return false
    rule.uses += 1
    rule.lastUsedAt = now
    if (call.id !== null) {
      rule.lastCall = call.id
      this.#used.set(rule, call)
    } else if (!this.#used.has(rule)) this.#used.set(rule, null)
    this.#write ??= setTimeout(() => this.#writeUses(), writeAfter).unref()
    return true
  }

  /** What the row of a call that it decides about keeps of it, whatever becomes of it later. Null: it is gone. */
  readonly inRow = (id: string): CallRule | null => {
    const rule = this.#byId.get(id)
    if (rule === undefined) return null
    const { effect, clientName, chat, since, until, waivesTaint, argumentsHash } = rule
    const tool = shownName(this.#namesOf(rule).tool)
    const [inChat, isExact] = [chat !== null, argumentsHash !== null]
    return { id, effect, clientName, tool, inChat, since, until, waivesTaint, isExact }
  }

  /** Newest first. */
  list(): Rule[] {
    this.#writeUses()
    this.review()
    return [...this.#byId.values()].reverse().map((rule) => this.#shown(rule))
  }

  change(id: string, { until, waivesTaint }: { until?: number | null; waivesTaint?: boolean }): Rule {
    const rule = this.#find(id)
    const next: StoredRule = {
      ...rule,
      until: until === undefined ? rule.until : until,
      waivesTaint: waivesTaint ?? rule.waivesTaint,
    }
    if (until !== undefined && until !== null && until <= this.now()) throw inThePast()
    // A chat's rule that outlives every chat would be another one.
    if (rule.chat !== null && (next.until === null || next.until > rule.since + longestChat)) throw chatEnds()
    const { risk } = this.#deps.toolNow(rule.toolId) ?? rule
    if (this.#deps.isTooMuch(next, risk)) throw tooMuch()
    this.#table.update(next)
    Object.assign(rule, { until: next.until, waivesTaint: next.waivesTaint })
    this.#tell()
    return this.#shown(rule)
  }

  /** As it was. */
  revoke(id: string): Rule {
    this.#writeUses()
    const rule = this.#find(id)
    const was = this.#shown(rule)
    this.#removeAll([rule])
    return was
  }

  /** How many. */
  revokeAll(grantId: string): number {
    return this.#removeAll(this.#where((rule) => rule.grantId === grantId))
  }

  /** A grant's access has ended, or everybody's (null): what was allowed is not any more. A *never* stays for who may come back. */
  endFor(grantId: string | null): void {
    this.#removeAll(
      this.#where((rule) => rule.effect === 'allow' && (grantId === null || rule.grantId === grantId)),
    )
  }

  /** The client said that this chat is over. */
  endChat(grantId: string, chat: string): void {
    this.#removeAll(this.#where((rule) => rule.grantId === grantId && rule.chat === chat))
  }

  /** Tools that are gone for good. */
  forget(isGone: (toolId: string) => boolean): void {
    this.#removeAll(this.#where((rule) => isGone(rule.toolId)))
  }

  /** Tools may be others now: says of each rule whether it sleeps, and since when. */
  review(): void {
    const changed = this.#where((rule) => {
      const why = this.#sleepReason(rule)
      if (why === undefined || why === rule.asleepWhy) return false
      Object.assign(rule, { asleepWhy: why, asleepSince: why === null ? null : this.now() })
      return true
    })
    if (changed.length === 0) return
    inTransaction(this.#deps.db, () => {
      for (const rule of changed) this.#table.update(rule)
    })
    this.#tell()
  }

  /** Forgets what has been over for a week, grants that are gone, and what could not be deleted before. */
  sweep(alive: ReadonlySet<string>): void {
    this.#deleteRemoved()
    const before = this.now() - forgetAfter
    this.#removeAll(
      this.#where((rule) => !alive.has(rule.grantId) || (rule.until !== null && rule.until < before)),
    )
  }

  stop(): void {
    this.#writeUses()
    try {
      this.#deleteRemoved()
    } catch (error) {
      this.#deps.log.error('rules.removed', { error: errorText(error) })
    }
  }

  #where(isMeant: (rule: StoredRule) => boolean): StoredRule[] {
    return [...this.#byId.values()].filter(isMeant)
  }

  #countOf(grantId: string): number {
    return [...(this.#book.get(grantId)?.values() ?? [])].reduce((sum, rules) => sum + rules.length, 0)
  }

  #hold(rule: StoredRule): void {
    const ofGrant = this.#book.get(rule.grantId) ?? new Map<string, StoredRule[]>()
    this.#book.set(rule.grantId, ofGrant)
    ofGrant.set(rule.toolId, [...(ofGrant.get(rule.toolId) ?? []), rule])
    this.#byId.set(rule.id, rule)
  }

  /** In memory first: what cannot be deleted decides nothing any more, and is deleted as soon as it can be. */
  #removeAll(rules: readonly StoredRule[]): number {
    if (rules.length === 0) return 0
    for (const rule of rules) {
      this.#byId.delete(rule.id)
      this.#removed.add(rule.id)
      this.#used.delete(rule)
      const ofGrant = this.#book.get(rule.grantId)
      const left = ofGrant?.get(rule.toolId)?.filter((one) => one !== rule) ?? []
      if (left.length > 0) ofGrant?.set(rule.toolId, left)
      else ofGrant?.delete(rule.toolId)
      if (ofGrant?.size === 0) this.#book.delete(rule.grantId)
    }
    doAll(
      () => this.#deleteRemoved(),
      () => this.#tell(),
    )
    return rules.length
  }

  #deleteRemoved(): void {
    if (this.#removed.size === 0) return
    const { db, last = noReserve } = this.#deps
    last.write(() =>
      inTransaction(db, () => {
        for (const id of this.#removed) this.#table.remove(id)
      }),
    )
    this.#removed.clear()
  }

  #find(id: string): StoredRule {
    const rule = this.#byId.get(id)
    if (rule === undefined) throw gone()
    return rule
  }

  /** Undefined: the tool is not there, so nobody knows. */
  #sleepReason(rule: StoredRule): SleepReason | null | undefined {
    if (rule.effect === 'never') return null
    const now = this.#deps.toolNow(rule.toolId)
    if (now === null) return undefined
    if (now.identity !== rule.identity) return 'server-changed'
    if (now.definitionHash !== rule.definitionHash) return 'tool-changed'
    return this.#deps.isTooMuch(rule, now.risk) ? 'destructive' : null
  }

  #namesOf(rule: StoredRule): { tool: string; source: string | null } {
    return this.#deps.namesOf?.(rule.toolId) ?? rule
  }

  #shown(rule: StoredRule): Rule {
    const { chat, lastCall, lastLine, asleepSince, asleepWhy } = rule
    const why = this.#sleepReason(rule)
    const isOver = rule.until !== null && rule.until <= this.now()
    const name = this.#deps.nameOf?.(rule.grantId) ?? null
    const { tool, source } = this.#namesOf(rule)
    const [was, is] = [shownName(rule.tool), shownName(tool)]
    const { exactly } = rule
    return {
      ...rule,
      // The name it had then may be another tool's by now.
      ...{ tool: is, source: source === null ? rule.source : shownName(source) },
      exactly: exactly?.startsWith(`${was} `) ? is + exactly.slice(was.length) : exactly,
      ...(name !== null && { clientName: shownName(name) }),
      inChat: chat !== null,
      lastUsedFor: lastCall === null ? null : { call: lastCall, line: lastLine ?? rule.tool },
      state: isOver ? 'over' : why === undefined ? 'absent' : why === null ? 'active' : 'asleep',
      sleeps: why ? { why, since: why === asleepWhy ? (asleepSince ?? this.now()) : this.now() } : null,
    }
  }

  #writeUses(): void {
    clearTimeout(this.#write)
    this.#write = undefined
    if (this.#used.size === 0) return
    const used = [...this.#used]
    this.#used.clear()
    try {
      inTransaction(this.#deps.db, () => {
        for (const [rule, call] of used) {
          if (call !== null) rule.lastLine = this.#lineOf(call.tool, call.arguments)
          this.#table.update(rule)
        }
      })
    } catch (error) {
      this.#deps.log.error('rules.uses', { error: errorText(error) })
    }
    this.#tell()
  }

  /** The log keeps the rest. */
  #lineOf(tool: string, args: unknown): string {
    const json = JSON.stringify(args) ?? ''
    if (json.length > longestUse) return `${shownName(tool)} …`
    return shownCall(tool, this.#deps.redactor.value(args))?.line ?? shownName(tool)
  }

  #tell(): void {
    this.events.emit('changed', {})
  }
}

const gone = () => new HostError({ code: 'rule-gone' })
const inThePast = () => new HostError({ code: 'rule-until' })
const chatEnds = () => new HostError({ code: 'rule-until', says: 'rule-until.chat' })
const tooMuch = () => new HostError({ code: 'rule-destructive' })
