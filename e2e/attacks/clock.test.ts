import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type InProcess, startInProcess } from '../fixtures/in-process.ts'
import { moveProcessClock } from './fixture-clock.ts'
import { pinnedClient, refreshRaw, sendRaw, statusOf } from './raw-requests.ts'

/** The computer's clock is wrong, or somebody moves it: nothing that has ended comes alive, and small jumps end nothing. */
const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

interface Time {
  under: InProcess
  to(ahead: number): void
  /** The host ends and starts again on the same folder, at the time it is now. */
  restart(): Promise<void>
  close(): Promise<void>
}

/** Our clock alone, as a test can inject it; and that of the whole process, as oidc-provider sees it too. */
const clocks: Record<string, () => Promise<Time>> = {
  'the clock passed to the host': async () => {
    let ahead = 0
    const dataDir = mkdtempSync(join(tmpdir(), 'drawbridge-clock-'))
    const open = () => startInProcess({ dataDir, clock: { now: () => Date.now() + ahead } })
    const time: Time = {
      under: await open(),
      to(moved) {
        ahead = moved
      },
      async restart() {
        await time.under.stop()
        time.under = await open()
      },
      close: () => time.under.stop(),
    }
    return time
  },
  'the clock of the process': async () => {
    const clock = moveProcessClock()
    const dataDir = mkdtempSync(join(tmpdir(), 'drawbridge-clock-'))
    const time: Time = {
      under: await startInProcess({ dataDir }),
      to: (ahead) => clock.moveTo(ahead),
      async restart() {
        await time.under.stop()
        time.under = await startInProcess({ dataDir })
      },
      async close() {
        clock.restore()
        await time.under.stop()
      },
    }
    return time
  },
}

interface Held {
  clientId: string
  access: string
  refresh: string
  machine: string
  key: string
  dated: string
}

async function hold({ under }: Time): Promise<Held> {
  const assistant = await under.connect(pinnedClient(`clock${Math.random()}`.replace('.', '')))
  const registered = await under.ask('clients.register', {
    name: 'Machine',
    grantTypes: ['client_credentials'],
    confidential: true,
  })
  const answer = await sendRaw(under, {
    method: 'POST',
    path: '/oauth/token',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: registered.clientId,
      client_secret: registered.clientSecret!,
    }).toString(),
  })
  const { access_token: machine } = JSON.parse(answer.text) as { access_token: string }
  const key = (name: string, expiresAt: number | null) =>
    under.ask('keys.create', { name, access: 'look', expiresAt })
  return {
    clientId: assistant.clientId,
    access: assistant.tokens.access,
    refresh: assistant.tokens.refresh,
    machine,
    key: (await key('Key', null)).token,
    dated: (await key('Dated', Date.now() + day)).token,
  }
}

/** Which of them are good right now. Refreshing is tried last, because it changes something. */
async function good({ under }: Time, held: Held, refreshing = true): Promise<string[]> {
  const found: string[] = []
  for (const name of ['access', 'machine', 'key', 'dated'] as const)
    if ((await statusOf(under, held[name])) === 200) found.push(name)
  if (refreshing) {
    const answer = await refreshRaw(under, held.clientId, held.refresh)
    if (answer.status === 200) {
      found.push('refresh')
      held.refresh = answer.refresh_token!
    }
  }
  return found
}

const all = ['access', 'machine', 'key', 'dated', 'refresh']

describe.each(Object.entries(clocks))('%s', (_name, openTime) => {
  let time: Time
  let held: Held
  beforeEach(async () => {
    time = await openTime()
    held = await hold(time)
    expect(await good(time, held)).toEqual(all)
  }, 30_000)
  afterEach(() => time?.close())

  it.each([10 * minute, -10 * minute])(
    '%d ms more or less end nothing, running or over a restart',
    async (jump) => {
      time.to(jump)
      expect(await good(time, held)).toEqual(all)
      await time.restart()
      expect(await good(time, held)).toEqual(all)
      time.to(0)
      expect(await good(time, held)).toEqual(all)
    },
  )

  it('an hour later, access tokens have ended and refreshing goes on', async () => {
    time.to(hour + 1_000)
    expect(await good(time, held)).toEqual(['key', 'dated', 'refresh'])
  })

  it('thirty days later nothing is good but the key that never ends; going back brings nothing back', async () => {
    time.to(30 * day + minute)
    expect(await good(time, held)).toEqual(['key'])
    expect(await good(time, held), 'and again').toEqual(['key'])
    time.to(0)
    // what an owner dated is as good as the date says
    expect(await good(time, held)).toEqual(['key', 'dated'])
    await time.restart()
    expect(await good(time, held)).toEqual(['key', 'dated'])
  })

  it('what ended while the host was off stays ended when the clock goes back', async () => {
    time.to(30 * day + minute)
    await time.restart()
    time.to(0)
    expect(await good(time, held)).toEqual(['key', 'dated'])
  })

  it('thirty days back, an access token lives no longer than its hour', async () => {
    time.to(-30 * day)
    expect(await good(time, held, false), 'from the future').toEqual(['key', 'dated'])
    // an hour of real time after it was issued
    time.to(-30 * day + hour + 1_000)
    expect(await good(time, held)).toEqual(['key', 'dated', 'refresh'])
    await time.restart()
    time.to(-29 * day)
    expect(await good(time, held)).toEqual(['key', 'dated', 'refresh'])
  })

  it('a token that ended is not good again after a step back of ten minutes', async () => {
    time.to(hour + 5 * minute)
    expect(await good(time, held, false)).toEqual(['key', 'dated'])
    time.to(hour - 5 * minute)
    expect(await good(time, held, false)).toEqual(['key', 'dated'])
    await time.restart()
    expect(await good(time, held, false)).toEqual(['key', 'dated'])
  })

  it('the connecting window is over eleven minutes later', async () => {
    const open = async () => (await time.under.ask('status.get')).window.open
    await time.under.ask('connect.open', { client: 'other' })
    expect(await open()).toBe(true)
    time.to(11 * minute)
    expect(await open()).toBe(false)
    expect((await sendRaw(time.under, { path: '/oauth/authorize?client_id=x' })).status).toBe(403)
  })
})
