/** For tests: one connector as a host has it, and what every connector must survive. */
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { silentLog } from '../../kernel/log/log.ts'
import { directly, type Network } from '../../net/network.ts'
import type { Connector } from '../kit/connector.ts'
import { createConnectors } from '../kit/connectors.ts'
import type { ServiceTimings } from '../kit/service.ts'
import { createMemory, preloaded } from '../kit/testing/memory.ts'
import type { Fixture, Trouble } from './fixture.ts'

export const hour = 3_600_000
/** 2026-11-15, noon. */
export const noon = Date.UTC(2026, 10, 15, 12)

export class Desk {
  readonly memory = createMemory()
  /** What was written to the log, a line of JSON each. */
  readonly logged: string[] = []
  now = noon
  readonly #list: readonly Connector[]
  readonly #baseUrls: Record<string, string>
  readonly #network: Network
  #connectors: ReturnType<typeof createConnectors>

  constructor(list: readonly Connector[], baseUrls: Record<string, string> = {}, network = directly) {
    this.#network = network
    this.#list = list
    this.#baseUrls = baseUrls
    this.#connectors = this.#start()
  }

  #start(timings: Partial<ServiceTimings> = {}) {
    return createConnectors({
      ...this.memory,
      fetch,
      network: this.#network,
      clock: { now: () => this.now },
      log: { ...silentLog, info: (...line) => void this.logged.push(JSON.stringify(line)) },
      version: '1',
      connectors: this.#list.map(preloaded),
      baseUrls: this.#baseUrls,
      timings: { attempt: 4_000, whole: 12_000, backoff: 5, ...timings },
    })
  }

  /** With what was stored, and nothing else. */
  restart(timings?: Partial<ServiceTimings>): void {
    this.#connectors = this.#start(timings)
  }

  save(values: Record<string, string>, more: { slug?: string; name?: string; id?: string } = {}) {
    return this.#connectors.handlers.save({ slug: this.#list[0]!.slug, values, ...more })
  }

  test(id: string) {
    return this.#connectors.handlers.test(id)
  }

  shown() {
    return this.#connectors.handlers.list()
  }

  tools() {
    return this.#connectors.sources().flatMap((source) => source.tools())
  }

  /** Also checks the answer against what the tool says of itself. */
  async call(tool: string, args: Record<string, unknown> = {}) {
    await this.#connectors.ready
    const source = this.#connectors.sources().find((one) => one.tools().some(({ name }) => name === tool))!
    const { outputSchema } = source.tools().find(({ name }) => name === tool)!
    const { structuredContent, content } = await source.call(tool, args, {
      signal: new AbortController().signal,
    })
    const ajv = new Ajv2020({ strict: false, formats: { 'date-time': true, date: true, uri: true } })
    const fits = ajv.compile(outputSchema)
    expect(fits(structuredContent), JSON.stringify(fits.errors)).toBe(true)
    return { values: structuredContent as Record<string, unknown>, text: content[0]!.text }
  }
}

interface Subject {
  connector: Connector
  tool: string
  start(): Promise<Fixture>
  /** Of an account that works, and of one whose key is wrong. */
  right: Record<string, string>
  wrong: Record<string, string>
  /** What *Test* says. */
  works: RegExp
  /** An answer of another shape than documented. */
  odd: unknown
  /** How many requests one call makes at once at its start. */
  requests?: number
}

/** What is the same for all: demo, keys, limits, faults, last known values over a restart, several accounts. */
export function itSurvives(subject: Subject): void {
  const { connector, tool, start, right, wrong, works, odd, requests = 1 } = subject
  let fixture: Fixture
  let desk: Desk
  beforeEach(async () => {
    fixture = await start()
    desk = new Desk([connector], { [connector.slug]: fixture.url })
  })
  afterEach(() => fixture.close())
  const each = (trouble: Trouble, times = 3) => Array.from({ length: times * requests }, () => trouble)

  describe(`${connector.name}, as every connector`, () => {
    it('answers with made-up values that say DEMO until there is a key, asking nobody', async () => {
      const { values, text } = await desk.call(tool)
      expect(values.demo).toMatch(/^DEMO/)
      expect(text).toMatch(/^DEMO.+\nDEMO: /s)
      expect((await desk.shown())[0]).toMatchObject({ ready: false })
      expect((await desk.shown())[0]!.examples).toHaveLength(3)
      expect(fixture.requests).toEqual([])
      const account = await desk.save(right)
      expect((await desk.shown())[0]).toMatchObject({ ready: true })
      const real = await desk.call(tool)
      expect(real.values).toMatchObject({ stale: false })
      expect(real.values.demo).toBeUndefined()
      expect(real.text).not.toContain('DEMO')
      expect((await desk.test(account.id)).message).toMatch(works)
    })

    it('says that a key is wrong, and which rights one lacks', async () => {
      const account = await desk.save(wrong)
      await expect(desk.call(tool)).rejects.toMatchObject({ code: 'service-key-refused' })
      await expect(desk.test(account.id)).rejects.toMatchObject({ code: 'service-key-refused' })
      await desk.save(right, { id: account.id })
      fixture.trouble(...each({ status: 403, body: {} }, 1))
      const scopes = Object.values(connector.fields).flatMap((field) => field.scopes ?? [])
      const hint = scopes.length > 0 ? scopes.join(', ') : 'Look at what the key is allowed there'
      await expect(desk.call(tool)).rejects.toMatchObject({
        code: 'service-rights-missing',
        hint: expect.stringContaining(hint),
      })
    })

    it('waits as long as the service says, but not for an hour', async () => {
      await desk.save(right)
      fixture.trouble({ status: 429, headers: { 'retry-after': '1' }, body: {} })
      const begun = performance.now()
      expect((await desk.call(tool)).values).toMatchObject({ stale: false })
      expect(performance.now() - begun).toBeGreaterThan(900)
      desk.memory.db.exec('DELETE FROM connector_answers')
      fixture.trouble(...each({ status: 429, headers: { 'retry-after': '3600' }, body: {} }, 1))
      await expect(desk.call(tool)).rejects.toMatchObject({ code: 'service-rate-limited' })
    })

    it.each<[string, Trouble, string]>([
      ['is broken', { status: 503, body: {} }, 'service-broken'],
      ['sends half an answer', { body: '{"data": [' }, 'service-answer-invalid'],
      ['sends nothing', { body: '' }, 'service-answer-invalid'],
      ['sends another shape', { body: odd }, 'service-answer-invalid'],
      ['is silent', 'hang', 'service-slow'],
    ])('that %s: it says so, or what it last knew, also after a restart', async (_how, trouble, code) => {
      await desk.save(right)
      if (trouble === 'hang') desk.restart({ attempt: 200, whole: 500 })
      fixture.trouble(...each(trouble))
      await expect(desk.call(tool)).rejects.toMatchObject({ code })
      fixture.calm()
      desk.restart()
      const before = await desk.call(tool)
      desk.now += 3 * hour
      desk.restart(trouble === 'hang' ? { attempt: 200, whole: 500 } : {})
      fixture.trouble(...each(trouble))
      const after = await desk.call(tool)
      expect(after.values).toEqual({ ...before.values, stale: true })
      expect(after.text).toMatch(/^Last known, from 3 hours ago: /)
    })

    it('asks several accounts, each for itself, and names those that fail', async () => {
      await desk.save(right, { name: 'One' })
      const second = await desk.save(right, { name: 'Two' })
      const both = await desk.call(tool)
      expect(both.values.accounts).toMatchObject([{ account: 'One' }, { account: 'Two', stale: false }])
      await desk.save(wrong, { id: second.id })
      const { values, text } = await desk.call(tool)
      expect(values).toMatchObject({
        accounts: [{ account: 'One', service: connector.name }],
        failed: [{ account: 'Two', problem: expect.stringContaining('does not accept the key') }],
      })
      expect(text).toContain(`${connector.name} (Two): `)
      expect((await desk.call(tool, { account: 'One' })).values.accounts).toHaveLength(1)
    })
  })
}
