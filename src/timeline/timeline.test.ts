import { setTimeout } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cloudEvent, openFixture } from './testing/open-fixture.ts'

let f: ReturnType<typeof openFixture>
beforeEach(() => {
  f = openFixture()
})
afterEach(() => f.close())

const titles = async (wanted: Partial<Parameters<typeof f.timeline.list>[0]> = {}) =>
  (await f.timeline.list({ limit: 50, ...wanted })).map(({ title }) => title)
const send = (...events: unknown[]) => f.timeline.send(events)
const titled = (minutes: number, title: string, more: object = {}) => cloudEvent(minutes, { title, ...more })

describe('the first event', () => {
  it('is an example that says so, and goes when the first own one comes', async () => {
    expect(await f.timeline.list({ limit: 5 })).toMatchObject([
      {
        isExample: true,
        title: expect.stringContaining('Example'),
        data: expect.stringContaining('first own event'),
      },
    ])
    let summed = 0
    await f.timeline.sumUp(0, f.clock.at + 1, ({ events }) => {
      summed += events
    })
    expect(summed).toBe(0)
    await send(titled(0, 'Mine'))
    expect(await titles()).toEqual(['Mine'])
    f.reopen()
    expect(await titles()).toEqual(['Mine'])
  })
})

describe('what is sent', () => {
  it('is not looked through for ever, whatever stands in it', async () => {
    const began = performance.now()
    await send(
      ...Array.from({ length: 50 }, (_, n) => titled(n, 'Quotes', { data: { text: '"'.repeat(20_000) } })),
    )
    // from each quote to the end it was three seconds
    expect(performance.now() - began).toBeLessThan(1_000)
  })

  it('is stored once by source and id, whenever and however often it comes', async () => {
    const one = titled(5, 'Once', { id: 'same' })
    const [first] = (await send(one)).events
    expect(first).toMatchObject({ isNew: true })
    expect((await send(one, { ...one, title: 'Twice' })).events).toEqual([
      { id: first!.id, isNew: false },
      { id: first!.id, isNew: false },
    ])
    f.reopen()
    expect((await send(one)).events).toEqual([{ id: first!.id, isNew: false }])
    expect((await send({ ...one, source: 'other' })).events[0]!.isNew).toBe(true)
    expect(await titles()).toEqual(['Once', 'Once'])
  })

  it('hides secrets in all that it says, and is known all the same', async () => {
    f.redactor.add('canary-42')
    const more = { kind: 'metric', metric: 'canary-42', value: 1 }
    const one = cloudEvent(1, { id: 'canary-42', source: 'ci?t=canary-42', type: 'canary-42', ...more })
    const other = { ...one, id: 'canary-42 b' }
    const { events } = await f.timeline.send([one, other])
    expect(events.map(({ isNew }) => isNew)).toEqual([true, true])
    for (const { id } of events) expect(JSON.stringify(f.timeline.get(id))).not.toContain('canary-42')
    expect((await f.timeline.send([one])).events).toEqual([{ id: events[0]!.id, isNew: false }])
  })

  it('is taken whole or not at all, and it is said what does not fit', async () => {
    const bad: [object | string, RegExp][] = [
      ['text', /not a JSON object/],
      [{}, /specversion. is missing/],
      [cloudEvent(0, { specversion: '0.3' }), /not 1\.0/],
      [cloudEvent(0, { id: undefined }), /.id. is missing/],
      [cloudEvent(0, { source: 7 }), /.source. is not a text/],
      [cloudEvent(0, { type: 'x'.repeat(201) }), /at most 200/],
      [cloudEvent(0, { time: 'yesterday' }), /.time. is not a date/],
      [cloudEvent(0, { time: '2026-11-28T12:00:00' }), /time zone/],
      [cloudEvent(0, { time: '2026-11-30T12:00:00Z' }), /ahead/],
      [cloudEvent(0, { time: '2026-08-01T12:00:00Z' }), /90 days/],
      [cloudEvent(0, { severity: 'spicy' }), /none of info, minor, major, critical/],
      [cloudEvent(0, { kind: '!!!' }), /.kind./],
      [cloudEvent(0, { kind: 'metric', metric: 'x', value: 'much' }), /.value. is not a number/],
      [cloudEvent(0, { data: 'x'.repeat(64_001) }), /larger/],
      [cloudEvent(0, { data: {}, data_base64: 'eA==' }), /both/],
    ]
    for (const [event, words] of bad) {
      const problem = await send(titled(0, 'Good'), event).then(
        () => undefined,
        (error) => error as { code: string; message: string; hint: string },
      )
      expect(problem?.code, JSON.stringify(event).slice(0, 80)).toBe('event-invalid')
      expect(problem?.message).toMatch(words)
      expect(problem?.message).toContain('Event 2 of 2')
      expect(problem?.hint).toContain('Nothing of what was sent was stored')
    }
    expect(await titles()).toEqual([expect.stringContaining('Example')])
    // so deep that it cannot be written out
    const deep = JSON.parse(`${'['.repeat(30_000)}${']'.repeat(30_000)}`)
    await expect(send(cloudEvent(0, { data: deep }))).rejects.toThrow(/nested|larger/)
  })

  it('says in many words what it is', async () => {
    await send(
      cloudEvent(1, {
        type: 'com.github.deploy.done',
        subject: 'shop',
        data: { env: 'prod', version: '1.4', severity: 'WARNING' },
      }),
      cloudEvent(2, { type: 'io.pager.Incident', data: { summary: 'Down', severity: 'fatal' } }),
      cloudEvent(3, { type: 'a.b', kind: 'Config Change', environment: 'x', data: { environment: 'y' } }),
      cloudEvent(4, { type: 'a.metric', data: { metric: 'error_rate', value: 0.5 } }),
    )
    expect(await f.timeline.list({ limit: 9 })).toMatchObject([
      { kind: 'deployment', environment: 'prod', version: '1.4', severity: 'minor', title: 'shop' },
      { kind: 'incident', severity: 'critical', title: 'Down' },
      { kind: 'config_change', environment: 'x', title: 'a.b' },
    ])
    expect(await f.timeline.list({ limit: 9, metric: 'error_rate' })).toMatchObject([
      { kind: 'metric', value: 0.5, title: 'error_rate = 0.5' },
    ])
  })

  it('keeps no secrets', async () => {
    const canary = 'canary-5f2b8d'
    f.redactor.add(canary)
    await send(titled(0, `with ${canary}`, { data: { password: 'hunter22', note: `${canary}!` } }))
    const [event] = await f.timeline.list({ limit: 1 })
    expect(JSON.stringify(event)).not.toMatch(/canary-5f2b8d|hunter22/)
    expect(await titles({ search: 'hunter22' })).toEqual([])
  })
})

describe('what is found', () => {
  it('is in the order of time, whatever order it came in, page by page', async () => {
    const minutes = [30, 5, 90, 60, 5, 5, 0, 4_000]
    for (const at of minutes) await send(titled(at, `m${at}`))
    const sorted = [...minutes].sort((a, b) => a - b).map((at) => `m${at}`)
    expect(await titles()).toEqual(sorted)
    expect(await titles({ upwards: true })).toEqual(sorted.toReversed())
    const paged: string[] = []
    for (let before: string | undefined; ; ) {
      const page = await f.timeline.list({ limit: 3, before })
      paged.push(...page.map(({ title }) => title))
      if (page.length < 3) break
      before = page.at(-1)!.id
    }
    expect(paged).toEqual(sorted)
    const since = f.clock.at - 60 * 60_000
    expect(await titles({ since, until: f.clock.at - 5 * 60_000 })).toEqual(['m30', 'm60'])
  })

  it('keeps more than fit into one millisecond', async () => {
    const many = Array.from({ length: 1_000 }, (_, n) => titled(7, `n${n}`))
    for (let n = 0; n < 3; n += 1) await send(...many.map((one, at) => ({ ...one, id: `${n} ${at}` })))
    expect(await f.timeline.list({ limit: 5_000 })).toHaveLength(3_000)
    expect(await titles({ since: f.clock.at, limit: 5 })).toEqual([])
  })

  it('by words of it, in any form, and by facets in any case', async () => {
    await send(
      titled(1, 'Über-Service wurde ausgeliefert', { environment: 'Production', version: 'v1.4.2' }),
      titled(2, 'Deployment of api-gateway failed', {
        environment: 'staging',
        data: { log: 'ECONNRESET at 10.0.0.1' },
      }),
      titled(3, 'Something else', { source: 'https://ci.example/shop' }),
    )
    const found = async (search: string) => (await titles({ search })).map((title) => title.slice(0, 9))
    expect(await found('uber')).toEqual(['Über-Serv'])
    expect(await found('deployments failing')).toEqual(['Deploymen'])
    expect(await found('1.4.2')).toEqual(['Über-Serv'])
    expect(await found('V1.4.2')).toEqual(['Über-Serv'])
    expect(await found('gateway')).toEqual(['Deploymen'])
    expect(await found('econnreset 10.0.0.1')).toEqual(['Deploymen'])
    expect(await found('shop')).toEqual(['Something'])
    expect(await found('zebra')).toEqual([])
    // What would be syntax to the index is a text like any other.
    expect(await found('" OR words : (')).toEqual([])
    expect(await titles({ environment: 'production' })).toHaveLength(1)
    expect(await titles({ environment: 'production', version: '1.4.2' })).toHaveLength(0)
    expect(await titles({ environment: 'PRODUCTION', version: 'v1.4.2', kind: 'deployment' })).toHaveLength(1)
  })

  it('agrees with looking at each event, for a thousand events and many questions', async () => {
    const pick = <T>(from: readonly T[], n: number): T => from[((n * 2_654_435_761) >>> 7) % from.length]!
    const all = Array.from({ length: 1_000 }, (_, n) => ({
      title: `${pick(['red', 'green', 'blue'], n)} ${pick(['fox', 'hen', 'cow'], n * 3)}`,
      kind: pick(['alert', 'deployment', 'metric'], n * 7),
      environment: pick(['a', 'b'], n * 11),
      severity: pick(['info', 'major'], n * 13),
      minutes: (n * 7_919) % 100_000,
    }))
    for (let n = 0; n < 1_000; n += 100)
      await send(
        ...all
          .slice(n, n + 100)
          .map(({ minutes, ...one }) => cloudEvent(minutes, { ...one, metric: 'm', value: 1 })),
      )
    for (let n = 0; n < 60; n += 1) {
      const wanted = {
        ...(n % 2 && { search: pick(['red', 'blue cow', 'hen green'], n) }),
        ...(n % 3 && { kind: pick(['alert', 'metric'], n) }),
        ...(n % 5 && { environment: pick(['a', 'b'], n * 5) }),
        ...(n % 7 === 0 && { severity: 'major' as const }),
      }
      const since = f.clock.at - (n * 1_500 + 1) * 60_000
      const expected = all
        .filter(
          (one) =>
            f.clock.at - one.minutes * 60_000 >= since &&
            (wanted.kind ?? one.kind) === one.kind &&
            (wanted.kind !== undefined || one.kind !== 'metric') &&
            (wanted.environment ?? one.environment) === one.environment &&
            (wanted.severity ?? one.severity) === one.severity &&
            (wanted.search ?? '').split(' ').every((word) => one.title.includes(word)),
        )
        .sort((a, b) => a.minutes - b.minutes)
      expect(await titles({ ...wanted, since, limit: 2_000 }), JSON.stringify(wanted)).toEqual(
        expected.map(({ title }) => title),
      )
    }
    for (const [from, to] of [
      [0, 100_000],
      [17, 4_321],
      [60, 61],
      [0, 1_440],
      [1_439, 2_881],
    ] as const) {
      let counted = 0
      const until = f.clock.at - from * 60_000
      await f.timeline.sumUp(f.clock.at - to * 60_000, until, ({ source, events }) => {
        if (source === '') counted += events
      })
      expect(counted).toBe(all.filter(({ minutes }) => minutes > from && minutes <= to).length)
    }
  })
})

describe('what is too old', () => {
  it('is shown no more at once, and goes a little at a time', async () => {
    await send(...Array.from({ length: 500 }, (_, n) => titled(n * 100, `n${n}`)))
    f.set.keepDays = 7
    f.timeline.retentionChanged()
    const kept = await titles({ limit: 1_000 })
    expect(kept.length).toBeGreaterThan(7 * 14)
    expect(kept.length).toBeLessThanOrEqual(8 * 15)
    await expect
      .poll(() => f.timeline.table.bounds().from >= f.timeline.since() * 1_024, { timeout: 8_000 })
      .toBe(true)
    let summed = 0
    await f.timeline.sumUp(0, f.clock.at + 1, ({ source, events }) => {
      if (source === '') summed += events
    })
    expect(summed).toBe(kept.length)
    // A clock that leapt costs nothing, but for what is shown.
    const left = f.timeline.table.bounds()
    f.clock.at += 30 * 86_400_000
    expect(await titles()).toEqual([])
    f.timeline.retentionChanged()
    await setTimeout(50)
    f.clock.at -= 30 * 86_400_000
    expect(f.timeline.table.bounds()).toEqual(left)
    for (let n = 0; n < 5; n += 1) {
      f.clock.at += 6 * 86_400_000
      f.timeline.retentionChanged()
      await setTimeout(50)
    }
    await expect.poll(() => f.timeline.table.bounds(), { timeout: 8_000 }).toEqual({ from: 0, to: 0 })
    await expect(send(titled(0, 'old now'))).rejects.toThrow(/7 days/)
  })

  it('goes also where all that was sent is long past', async () => {
    await send(...Array.from({ length: 9 }, (_, n) => titled((n + 20) * 24 * 60, `n${n}`)))
    f.reopen()
    f.set.keepDays = 7
    expect(await titles()).toEqual([])
    f.timeline.retentionChanged()
    await expect.poll(() => f.timeline.table.bounds()).toEqual({ from: 0, to: 0 })
  })
})

it('whoever looks is told once of many', async () => {
  for (let n = 0; n < 50; n += 1) await send(titled(n, 'x'))
  await expect.poll(() => f.set.changed).toBe(1)
})

it('writes a thousand events that come at once in lots, and gives the thread away in between', async () => {
  const count = 1_000
  let [turns, longest, last] = [0, 0, performance.now()]
  let isOver = false
  const turn = () => {
    const now = performance.now()
    longest = Math.max(longest, now - last)
    last = now
    turns += 1
    if (!isOver) setImmediate(turn)
  }
  const began = performance.now()
  setImmediate(turn)
  const many = Array.from({ length: count }, (_, n) =>
    titled(n, `number ${n}`, { data: { note: `${n} word `.repeat(60) } }),
  )
  const [one, other] = await Promise.all([f.timeline.send(many), f.timeline.send(many)])
  isOver = true
  expect(one.events).toHaveLength(count)
  expect(one.events.every(({ isNew }) => isNew)).toBe(true)
  expect(other.events).toEqual(one.events.map(({ id }) => ({ id, isNew: false })))
  expect(turns).toBeGreaterThan(5)
  // In one piece it would be nearly all of it; how long a lot takes depends on the machine.
  expect(longest).toBeLessThan((performance.now() - began) / 2)
})

it('says how many are stored when the disk takes no more, and stores none twice afterwards', async () => {
  const { database } = f.timeline.table
  const pages = (database.prepare('PRAGMA page_count').get() as { page_count: number }).page_count
  const many = Array.from({ length: 1_000 }, (_, n) =>
    titled(n, `number ${n}`, { data: { note: `${n} `.repeat(400) } }),
  )
  database.exec(`PRAGMA max_page_count = ${pages + 150}`)
  const problem = await f.timeline.send(many).catch((error) => error)
  expect(problem).toMatchObject({ code: 'events-partly', hint: expect.stringContaining('not stored twice') })
  const stored = (await f.timeline.list({ limit: 2_000 })).length
  expect(problem.message).toMatch(new RegExp(`^${stored} of 1000 `))
  database.exec('PRAGMA max_page_count = 1000000')
  const { events } = await f.timeline.send(many)
  expect(events.filter(({ isNew }) => !isNew)).toHaveLength(stored)
  expect(await f.timeline.list({ limit: 2_000 })).toHaveLength(1_000)
})

it('sums up a day of very many sources in parts, and all of them', async () => {
  const at = Date.parse('2026-11-20T10:30:00Z')
  const { database } = f.timeline.table
  const sums =
    database.prepare(`INSERT INTO event_sums (unit, place, kind, environment, severity, source, events)
    VALUES ('day', ?, '', '', '', ?, 1)`)
  await send(titled(0, 'now'), cloudEvent(0, { time: new Date(at - 2 * 86_400_000).toISOString() }))
  database.exec('BEGIN')
  for (let n = 0; n < 20_000; n += 1) sums.run(Math.floor(at / 86_400_000), `source-${n}`)
  database.exec('COMMIT')
  let turns = 0
  let isOver = false
  const turn = () => {
    turns += 1
    if (!isOver) setImmediate(turn)
  }
  setImmediate(turn)
  const found = new Set<string>()
  await f.timeline.sumUp(0, Number.MAX_SAFE_INTEGER, ({ source }) => {
    found.add(source)
    // As much as a slow computer does with each.
    for (const until = performance.now() + 0.002; performance.now() < until; ) {}
  })
  isOver = true
  expect([...found].filter((source) => source.startsWith('source-'))).toHaveLength(20_000)
  expect(turns).toBeGreaterThan(4)
})
