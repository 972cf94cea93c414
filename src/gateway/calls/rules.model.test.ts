import fc from 'fast-check'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { ApprovalChoice } from '../../contract/approvals.ts'
import type { Raw } from '../../mcp/tool-source.ts'
import { type Executed, RulesWorld, toolNames } from '../testing/fixture-rules-world.ts'

/** FUZZ_SEQUENCES and FUZZ_SEED ask for others. */
const count = Number(process.env.FUZZ_SEQUENCES ?? 400)
const seed = Number(process.env.FUZZ_SEED ?? 20_261_128)

const minutes = 60_000
const choices: (ApprovalChoice | 'deny')[] = ['once', '15m', 'chat', 'exact', 'tool', 'never', 'deny']

type Step =
  | { do: 'call'; grant: number; chat: number; tool: number; args: number }
  | { do: 'answer'; which: number; choice: ApprovalChoice | 'deny' }
  | { do: 'pass'; ms: number }
  | { do: 'revoke'; which: number }
  | { do: 'edit'; which: number; until: number | null }
  | { do: 'change'; tool: number; back: boolean }
  | { do: 'other program' }
  | { do: 'end'; what: 'grant' | 'panic' | 'chat'; grant: number; chat: number }
  | { do: 'restart'; clean: boolean }

const small = fc.integer({ min: 0, max: 1 })
const which = fc.nat(6)
const one = <K extends Step['do']>(name: K) => fc.constant(name)
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      ...{ do: one('call'), grant: small, chat: fc.integer({ min: 0, max: 2 }), tool: small },
      args: fc.integer({ min: 0, max: 2 }),
    }),
  },
  {
    weight: 9,
    arbitrary: fc.record({ do: one('answer'), which, choice: fc.constantFrom(...choices) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: one('pass'),
      ms: fc.constantFrom(1, 1_000, 41_000, 5 * minutes, 14 * minutes, 16 * minutes, 25 * 60 * minutes),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: one('revoke'), which }) },
  {
    weight: 1,
    arbitrary: fc.record({
      ...{ do: one('edit'), which },
      until: fc.option(fc.constantFrom(1, 30 * minutes, 48 * 60 * minutes)),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: one('change'), tool: small, back: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: one('other program') }) },
  {
    weight: 1,
    arbitrary: fc.record({
      ...{ do: one('end'), what: fc.constantFrom('grant' as const, 'panic' as const, 'chat' as const) },
      ...{ grant: small, chat: fc.integer({ min: 1, max: 2 }) },
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: one('restart'), clean: fc.boolean() }) },
)

/** What the owner said, as the test understands it: nothing of it comes from what is tested. */
interface Said {
  effect: 'once' | 'allow' | 'never'
  rule: string | null
  /** Of `once`: the question. */
  question: string | null
  grant: string
  tool: string
  arguments: string | null
  chat: string | null
  version: number
  identity: number
  from: number
  until: number
}

type About = Omit<Said, 'effect' | 'rule' | 'question' | 'from' | 'until'>

const grantOf = (number: number) => `grant_${number}`
const chatOf = (number: number) => (number === 0 ? null : `chat${number}`)

class Play {
  readonly world = new RulesWorld((call) => this.#executed(call))
  said: Said[] = []
  /** What was asked, by question: as it was then. */
  asked = new Map<string, About>()
  problems: string[] = []
  counts = { executed: 0, byRule: 0, refusedByRule: 0, sequences: 0 }

  #executed(call: Executed): void {
    const now = Date.now()
    this.counts.executed += 1
    const fits = (one: Said) =>
      one.grant === call.grant &&
      one.tool === call.tool &&
      one.from <= now &&
      one.until > now &&
      (one.chat === null || one.chat === call.chat) &&
      (one.arguments === null || one.arguments === call.arguments)
    const isSame = (one: Said) => one.version === call.version && one.identity === call.identity
    if (this.said.some((one) => one.effect === 'never' && fits(one)))
      this.problems.push(`ran what may never run: ${JSON.stringify(call)}`)
    const rule = this.said.find((one) => one.effect === 'allow' && fits(one) && isSame(one))
    const once = this.said.findIndex((one) => one.effect === 'once' && fits(one) && isSame(one))
    if (rule) this.counts.byRule += 1
    else if (once >= 0) this.said.splice(once, 1)
    else this.problems.push(`ran without a word: ${JSON.stringify(call)}`)
  }

  async run(steps: readonly Step[]): Promise<void> {
    this.said = []
    this.problems = []
    this.asked.clear()
    this.counts.sequences += 1
    vi.setSystemTime(1_800_000_000_000)
    this.world.begin()
    for (const step of steps) {
      await this.#do(step)
      await this.world.settled()
      this.#forgetUsed()
      expect(this.problems, JSON.stringify(steps)).toEqual([])
    }
    this.world.stop()
    vi.clearAllTimers()
    await this.world.settled()
  }

  /** A word that was heard has done what it was good for. */
  #forgetUsed(): void {
    const left = new Set(
      this.world.db
        .prepare("SELECT id FROM approvals WHERE state = 'allowed'")
        .all()
        .map(({ id }) => id),
    )
    this.said = this.said.filter((one) => one.effect !== 'once' || left.has(one.question!))
  }

  async #do(step: Step): Promise<void> {
    const { world } = this
    switch (step.do) {
      case 'call':
        return this.#call(step)
      case 'answer':
        return this.#answer(step)
      case 'pass':
        return void (await vi.advanceTimersByTimeAsync(step.ms))
      case 'revoke':
      case 'edit':
        return this.#touch(step)
      case 'change': {
        const name = toolNames[step.tool]!
        world.versions[name] = step.back ? 0 : world.versions[name]! + 1
        return world.offer()
      }
      case 'other program':
        world.identity += 1
        return world.offer()
      case 'end':
        return this.#end(step)
      case 'restart':
        await world.settled()
        if (step.clean) world.stop()
        this.said = this.said.filter((one) => one.effect !== 'once')
        return world.open()
    }
  }

  #call({ grant, chat, tool, args }: Extract<Step, { do: 'call' }>): void {
    const { world } = this
    const name = toolNames[tool]!
    const value = { n: args } as Raw
    const facts = {
      ...{ grant: grantOf(grant), tool: name, arguments: JSON.stringify(value), chat: chatOf(chat) },
      ...{ version: world.versions[name]!, identity: world.identity },
    }
    const stop = world.approvals.events.on('asked', ({ id }) => void this.asked.set(id, facts))
    const answered = world.call(facts.grant, facts.chat, name, value).then(({ content }) => {
      if (JSON.stringify(content).includes('does not want')) this.counts.refusedByRule += 1
    })
    answered.catch((error) => this.problems.push(String(error)))
    // It is put before anything else of this step happens: the log commits within these turns.
    void world.settled().then(stop)
  }

  #answer({ which, choice }: Extract<Step, { do: 'answer' }>): void {
    const { approvals, rules } = this.world
    const waiting = approvals.list()
    const one = waiting[which % (waiting.length || 1)]
    if (one === undefined) return
    const about = this.asked.get(one.id)!
    const { seen, expiresAt, choices: offered } = approvals.get(one.id)
    const now = Date.now()
    expect(offered.includes('chat'), 'in this chat is offered where there is one').toBe(about.chat !== null)
    expect(offered.includes('tool'), 'always is not offered for what destroys').toBe(about.tool !== 'drop')
    if (choice !== 'deny' && !offered.includes(choice)) {
      expect(() => approvals.decide(one.id, choice, seen)).toThrow('cannot be given')
      return
    }
    if (choice !== 'deny' && choice !== 'never')
      expect(() => approvals.decide(one.id, choice, 'x')).toThrow('not been shown')
    // Said before it is heard: what follows from it happens at once.
    const said: Said = {
      ...{ ...about, effect: 'once', rule: null, question: one.id },
      ...{ from: now, until: Number.POSITIVE_INFINITY },
    }
    // The same call from another chat is the same question.
    const once = { effect: 'once', rule: null, chat: null, from: now } as const
    if (choice === 'once') this.said.push({ ...said, ...once, until: Math.max(expiresAt, now + 2 * minutes) })
    else if (choice !== 'deny') {
      said.effect = choice === 'never' ? 'never' : 'allow'
      if (choice !== 'exact') said.arguments = null
      if (choice !== 'chat') said.chat = null
      if (choice === '15m') said.until = now + 15 * minutes
      if (choice === 'chat') said.until = now + 24 * 60 * minutes
      this.said.push(said)
      // The call that was asked about is answered too, and so is every other that it holds for: late ones within their time.
      if (said.effect === 'allow')
        for (const other of waiting) {
          const what = this.asked.get(other.id)!
          const covered = other.id === one.id || isCovered(what, said)
          const until = Math.max(approvals.get(other.id).expiresAt, now + 2 * minutes)
          if (covered) this.said.push({ ...what, ...once, question: other.id, until })
        }
    }
    const before = new Set(rules.list().map(({ id }) => id))
    approvals.decide(one.id, choice, seen)
    said.rule = rules.list().find(({ id }) => !before.has(id))?.id ?? null
  }

  #touch(step: Extract<Step, { do: 'revoke' | 'edit' }>): void {
    const { rules } = this.world
    const all = rules.list()
    const rule = all[step.which % (all.length || 1)]
    if (rule === undefined) return
    const said = this.said.find((one) => one.rule === rule.id)
    if (step.do === 'revoke') {
      rules.revoke(rule.id)
      this.said = this.said.filter((one) => one !== said)
      return
    }
    const until = step.until === null ? null : Date.now() + step.until
    try {
      rules.change(rule.id, { until })
    } catch (error) {
      // A chat's rule ends with its day, and nothing destructive is allowed for ever.
      expect(String(error)).toMatch(/for one chat|never allowed for ever/)
      return
    }
    expect(
      rule.effect === 'allow' && until === null && rule.exactly === null && rule.risk === 'destructive',
    ).toBe(false)
    if (said) said.until = until ?? Number.POSITIVE_INFINITY
  }

  #end({ what, grant, chat }: Extract<Step, { do: 'end' }>): void {
    const { rules, approvals, pipeline } = this.world
    const id = grantOf(grant)
    if (what === 'chat') {
      rules.endChat(id, chatOf(chat)!)
      this.said = this.said.filter(
        (one) => one.effect === 'once' || one.grant !== id || one.chat !== chatOf(chat),
      )
      return
    }
    const whom = what === 'panic' ? null : id
    approvals.cancelFor(whom)
    if (what === 'panic') rules.endFor(null)
    else rules.revokeAll(id)
    pipeline.cancelFor(whom)
    this.said = this.said.filter((one) => (what === 'panic' ? one.effect === 'never' : one.grant !== id))
  }
}

const isCovered = (what: About, said: Said): boolean =>
  what.grant === said.grant &&
  what.tool === said.tool &&
  what.version === said.version &&
  what.identity === said.identity &&
  (said.chat === null || said.chat === what.chat) &&
  (said.arguments === null || said.arguments === what.arguments)

const play = new Play()
beforeAll(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] }))
afterAll(() => {
  vi.useRealTimers()
  play.world.close()
})

it('what runs was allowed by an answer or a rule that held at that moment, with exactly these arguments', {
  timeout: 100 * count + 60_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40, size: '+1' }), (steps) => play.run(steps)),
    { numRuns: count, seed },
  )
  const { executed, byRule, refusedByRule } = play.counts
  console.log(
    `seed ${seed}: ${count} sequences, ${executed} calls ran, ${byRule} of them while a rule held, ${refusedByRule} refused by a rule`,
  )
  // The property would also hold for a host that never lets anything through, or asks each time.
  expect(executed).toBeGreaterThan(count)
  expect(byRule).toBeGreaterThan(count / 4)
  expect(refusedByRule).toBeGreaterThan(count / 20)
})
