import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type App,
  connect,
  documentApp,
  finishAuthorization,
  isLive,
  ownerAllows,
  post,
  startAuthorization,
} from '../../src/oauth/testing/app.ts'
import { openBrowser } from '../../src/oauth/testing/browser.ts'
import { random } from '../../src/oauth/testing/hostile-requests.ts'
import { openStage, type Stage } from '../../src/oauth/testing/stage.ts'
import { moveProcessClock, type ProcessClock } from './fixture-clock.ts'

/** Codes and refresh tokens used by several at once, in every order (RFC 6749 §10.5, RFC 9700 §4.14.2). */
const interleavings = Number(process.env.ATTACK_INTERLEAVINGS ?? 500)
const seed = Number(process.env.ATTACK_SEED ?? 20261121)
const clientId = 'https://claude.ai/oauth/claude-code-client-metadata'

let stage: Stage
let clock: ProcessClock
beforeAll(async () => {
  clock = moveProcessClock()
  stage = await openStage()
  // what is raced for is decided before the disk is: waiting for it would only make this slow
  stage.db.exec('PRAGMA synchronous = OFF')
})
afterAll(async () => {
  clock.restore()
  await stage.close()
})

/** The same well-known app on one more device; the owner's entry is one, the approvals are two. */
const device = async (port: number): Promise<App> => ({
  ...(await documentApp(stage, clientId, `http://127.0.0.1:${port}/callback`)),
  browser: openBrowser(),
})
const count = (where: string): number =>
  (stage.db.prepare(`SELECT count(*) AS n FROM oauth_records WHERE ${where}`).get() as { n: number }).n

describe('one code, a hundred at once', () => {
  it('gives tokens to one at most, fifty times over', { timeout: 300_000 }, async () => {
    const app = await device(5000)
    const successes: number[] = []
    for (let round = 0; round < 50; round += 1) {
      // what one grant, and all strangers together, may ask for in a minute is for another test
      clock.move(61_000)
      stage.server.window.open('other')
      const started = await startAuthorization(stage, app)
      await ownerAllows(stage, started)
      const params = await finishAuthorization(app, started)
      const redeem = () =>
        post(app.as.token_endpoint!, {
          grant_type: 'authorization_code',
          code: params.get('code')!,
          redirect_uri: app.redirectUri,
          code_verifier: started.verifier,
          client_id: clientId,
        })
      // now and then alone: the race must not be won by refusing everybody
      const racers = round % 10 === 9 ? 1 : 100
      const answers = await Promise.all(Array.from({ length: racers }, redeem))
      const won = answers.filter((answer) => answer.status === 200)
      successes.push(won.length)
      if (racers === 1) expect(won).toHaveLength(1)
      expect(answers.every((answer) => answer.status === 200 || answer.status === 400)).toBe(true)
      for (const answer of answers.filter((one) => one.status === 400))
        expect(await answer.json()).toMatchObject({ error: 'invalid_grant' })
      // used twice, so nothing that came of it lives (RFC 6749 §4.1.2)
      for (const answer of won) {
        const { access_token } = (await answer.json()) as { access_token: string }
        expect(await isLive(stage, access_token)).toBe(racers === 1)
      }
      if (racers > 1) expect(stage.server.grants.list()).toEqual([])
      for (const grant of stage.server.grants.list()) stage.server.grants.revoke(grant.id)
    }
    console.log(`50 codes: ${successes.filter((n) => n === 1).length} won by one, none by two`)
    expect(Math.max(...successes)).toBeLessThanOrEqual(1)
    expect(count("model IN ('AccessToken', 'RefreshToken')")).toBe(0)
  })
})

/**
 * What a refresh token is worth by the rules, kept beside the real server: a chain of tokens, each the successor of the
 * one before. An independent statement of the rules, so that the server is compared with something.
 */
interface Device {
  app: App
  /** Tokens of this approval, oldest first; index = generation. */
  chain: string[]
  usedAt: (number | undefined)[]
  alive: boolean
  /** Access tokens that were given out, newest last, and when the newest was. */
  access: string[]
  accessAt: number
}

type Step = {
  device: 0 | 1
  token: 'newest' | 'previous' | 'old'
  times: 1 | 2 | 3
  lost: boolean
  wait: number
}

const waits = [0, 0, 0, 0, 1_000, 10_000, 30_000, 58_000, 61_000] as const

const steps = (r: ReturnType<typeof random>): Step[] =>
  Array.from({ length: 1 + Math.floor(r.next() * 3) }, () => ({
    device: r.pick([0, 1] as const),
    token: r.pick([...Array(8).fill('newest'), ...Array(3).fill('previous'), 'old'] as Step['token'][]),
    times: r.pick([1, 1, 1, 2, 3] as const),
    lost: r.next() < 0.3,
    wait: r.pick(waits),
  }))

describe(`${interleavings} interleavings of refreshes on two devices`, () => {
  it('leave one live successor at most, and none after a family was revoked', {
    timeout: 300_000,
  }, async () => {
    console.log(`seed ${seed}`)
    clock.freeze()
    const r = random(seed)
    const seen = { graced: 0, revoked: 0, rotated: 0, lost: 0 }
    let devices: [Device, Device] | null = null

    const enrol = async (port: number): Promise<Device> => {
      const app = await device(port)
      const tokens = await connect(stage, app)
      return {
        app,
        chain: [tokens.refresh_token],
        usedAt: [undefined],
        alive: true,
        access: [tokens.access_token],
        accessAt: now(),
      }
    }
    const now = () => stage.clock.now()

    /** What must come of using generation `index` now: a successor, or the end of the family. */
    const rule = (one: Device, index: number): 'success' | 'refused' => {
      if (!one.alive) return 'refused'
      const used = one.usedAt[index]
      if (used === undefined) return 'success'
      return now() - used <= 60_000 && one.usedAt[index + 1] === undefined ? 'success' : 'refused'
    }

    for (let n = 0; n < interleavings; n += 1) {
      if (n % 50 === 0) stage.server.sweep()
      devices ??= [await enrol(5000), await enrol(6000)]
      for (const which of [0, 1] as const)
        if (!devices[which].alive) devices[which] = await enrol(which === 0 ? 5000 : 6000)
      const plan = steps(r)
      const told = `seed ${seed}, interleaving ${n}: ${JSON.stringify(plan)}`
      for (const step of plan) {
        clock.move(step.wait)
        const one = devices[step.device]
        const last = one.chain.length - 1
        const index = Math.max(
          0,
          step.token === 'newest' ? last : step.token === 'previous' ? last - 1 : last - 2,
        )
        const due = rule(one, index)
        const first = one.usedAt[index] === undefined
        const answers = await Promise.all(
          Array.from({ length: step.times }, () =>
            post(one.app.as.token_endpoint!, {
              grant_type: 'refresh_token',
              refresh_token: one.chain[index]!,
              client_id: clientId,
            }),
          ),
        )
        const bodies = (await Promise.all(answers.map((answer) => answer.json()))) as {
          access_token?: string
          refresh_token?: string
          error?: string
        }[]
        const good = bodies.filter((body) => body.refresh_token !== undefined)
        expect(good.length, told).toBe(due === 'success' ? step.times : 0)
        expect(new Set(good.map((body) => body.refresh_token)).size, told).toBeLessThanOrEqual(1)
        if (due === 'refused') {
          for (const body of bodies) expect(body.error, told).toBe('invalid_grant')
          if (one.alive) seen.revoked += 1
          one.alive = false
        } else {
          if (first) {
            seen.rotated += 1
            one.usedAt[index] = now()
            one.chain.push(good[0]!.refresh_token!)
            one.usedAt.push(undefined)
          } else {
            seen.graced += 1
            // the same successor as the first time, whether or not that answer arrived
            expect(good[0]!.refresh_token, told).toBe(one.chain[index + 1])
          }
          if (step.lost) seen.lost += 1
          else {
            one.access.push(...good.map((body) => body.access_token!))
            one.accessAt = now()
          }
        }
      }
      const families = count("model = 'Grant'")
      expect(families, told).toBe(devices.filter((one) => one.alive).length)
      const live = stage.db
        .prepare(
          "SELECT grant_id, count(*) AS n FROM oauth_records WHERE model = 'RefreshToken' AND consumed_at IS NULL GROUP BY grant_id",
        )
        .all() as { n: number }[]
      expect(live.length, told).toBe(families)
      for (const { n: successors } of live) expect(successors, told).toBe(1)
      for (const one of devices.filter((dead) => !dead.alive)) {
        for (const token of one.access.slice(-5)) expect(await isLive(stage, token), told).toBe(false)
        for (const token of one.chain.slice(-2))
          expect(
            (
              await post(one.app.as.token_endpoint!, {
                grant_type: 'refresh_token',
                refresh_token: token,
                client_id: clientId,
              })
            ).status,
            told,
          ).toBe(400)
      }
      // the theft on one device is not the other's fault
      for (const one of devices.filter((well) => well.alive))
        if (now() - one.accessAt < 3_500_000) expect(await isLive(stage, one.access.at(-1)!), told).toBe(true)
    }
    console.log(JSON.stringify(seen))
    // worth something only if every way was gone often
    for (const [what, times] of Object.entries(seen)) expect(times, what).toBeGreaterThan(interleavings / 20)
  })
})
