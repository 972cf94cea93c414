import { createServer } from 'node:http'
import { connect as connectSocket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type App, connect, documentApp, isLive, post } from '../../src/oauth/testing/app.ts'
import { openBrowser } from '../../src/oauth/testing/browser.ts'
import { random } from '../../src/oauth/testing/hostile-requests.ts'
import { openStage, type Stage } from '../../src/oauth/testing/stage.ts'
import { moveProcessClock, type ProcessClock } from './fixture-clock.ts'

/** Refresh tokens used at the same moment, and answers that never arrive (RFC 9700 §4.14.2). */
const _interleavings = Number(process.env.ATTACK_INTERLEAVINGS ?? 2_000)
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
const _count = (where: string): number =>
  (stage.db.prepare(`SELECT count(*) AS n FROM oauth_records WHERE ${where}`).get() as { n: number }).n

describe('different generations at the same moment', () => {
  it('never leave two live successors, nor anything alive of a family that ended', {
    timeout: 120_000,
  }, async () => {
    const r = random(seed + 1)
    let ended = 0
    let lived = 0
    for (let round = 0; round < 100; round += 1) {
      for (const grant of stage.server.grants.list()) stage.server.grants.revoke(grant.id)
      const app = await device(5000)
      const given = [await connect(stage, app)]
      const use = async (token: string) => {
        const answer = await post(app.as.token_endpoint!, {
          grant_type: 'refresh_token',
          refresh_token: token,
          client_id: clientId,
        })
        return (await answer.json()) as { access_token?: string; refresh_token?: string }
      }
      const [second] = [await use(given[0]!.refresh_token)]
      const storm = Array.from({ length: 2 + Math.floor(r.next() * 18) }, () =>
        r.pick([given[0]!.refresh_token, second!.refresh_token!, second!.refresh_token!]),
      )
      const answers = await Promise.all(storm.map(use))
      const live = stage.db
        .prepare(
          "SELECT count(*) AS n FROM oauth_records WHERE model = 'RefreshToken' AND consumed_at IS NULL",
        )
        .get() as { n: number }
      expect(live.n, `round ${round}`).toBeLessThanOrEqual(1)
      if (stage.server.grants.list().length > 0) {
        lived += 1
        continue
      }
      ended += 1
      expect(live.n).toBe(0)
      for (const { access_token, refresh_token } of [second!, ...answers]) {
        if (access_token) expect(await isLive(stage, access_token), `round ${round}`).toBe(false)
        if (refresh_token)
          expect(await use(refresh_token), `round ${round}`).not.toHaveProperty('access_token')
      }
    }
    console.log(`100 storms: ${ended} families ended, ${lived} lived on`)
    expect(Math.min(ended, lived)).toBeGreaterThan(0)
  })
})

describe('a refresh whose answer is lost', () => {
  it('recovers within the grace without the owner, two hundred times', { timeout: 120_000 }, async () => {
    // a proxy that cuts the connection once the server has answered: committed, but never heard of
    let cut = true
    let swallowed = 0
    const upstream = new URL(stage.origin)
    const proxy = createServer((req, res) => {
      const chunks: Buffer[] = []
      req.on('data', (chunk: Buffer) => chunks.push(chunk))
      req.on('end', () => {
        const socket = connectSocket(Number(upstream.port), '127.0.0.1')
        const body = Buffer.concat(chunks)
        socket.write(
          `POST ${req.url} HTTP/1.1\r\nhost: ${upstream.host}\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n`,
        )
        socket.write(body)
        const answer: Buffer[] = []
        socket.on('data', (chunk) => answer.push(chunk))
        socket.on('end', () => {
          const text = Buffer.concat(answer).toString()
          if (cut) {
            if (text.startsWith('HTTP/1.1 200')) swallowed += 1
            return void req.socket.destroy()
          }
          res.end(text.slice(text.indexOf('\r\n\r\n') + 4))
        })
      })
    })
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    const { port } = proxy.address() as { port: number }
    for (const grant of stage.server.grants.list()) stage.server.grants.revoke(grant.id)
    const app = await device(5000)
    let token = (await connect(stage, app)).refresh_token
    const through = () =>
      post(`http://127.0.0.1:${port}/oauth/token`, {
        grant_type: 'refresh_token',
        refresh_token: token,
        client_id: clientId,
      })
    try {
      for (let n = 0; n < 200; n += 1) {
        cut = true
        await expect(through()).rejects.toThrow()
        cut = false
        clock.move(n % 2 === 0 ? 1_000 : 55_000)
        const answer = await through()
        const { access_token, refresh_token } = JSON.parse(await answer.text()) as Record<string, string>
        expect(refresh_token, `attempt ${n}`).toBeTypeOf('string')
        expect(await isLive(stage, access_token!)).toBe(true)
        token = refresh_token!
      }
    } finally {
      proxy.closeAllConnections()
      proxy.close()
    }
    expect(swallowed).toBe(200)
    expect(stage.server.grants.list()).toHaveLength(1)
    expect(stage.server.connections.list()).toEqual([])
  })
})
