import { type BrowserContext, expect, type Page, test } from '@playwright/test'
import { headlessShellOptions } from '../scripts/chromium.mjs'
import { type ConnectHost, startConnectHost } from './fixtures/connect-host.ts'

/**
 * The connect page while the answer of one of its calls, each in turn, is held back by 0 to 5 seconds: either the question comes
 * late, or the answer, which then is older than what was told meanwhile. Many attempts of a user, each from a fresh page
 * (CONNECT_ATTEMPTS: another number of them).
 *
 * The clock is fast: a second of the story lasts 50 ms, for what is held back as for what happens, so that only their order is
 * as in life. Events are told at once. A page that says two things at once for six painted frames, a tenth of a second, contradicts itself; one that
 * says something else than the host when everything has arrived is stuck.
 */
const runs = Number(process.env.CONNECT_ATTEMPTS ?? 80)
const pagesAtOnce = 4
const second = 50
const calls = [
  'connect.flow',
  'connect.open',
  'status.get',
  'connect.close',
  'grants.list',
  'servers.list',
  'folders.list',
  'connections.list',
  'approvals.list',
] as const
const way = [
  'protected-resource-metadata',
  'register',
  'authorize',
  'approved',
  'token',
  'discover',
  'tools-list',
  'tools-call',
] as const

/** As much of a page as is looked at; the types of this folder know none. */
interface Dom {
  document: {
    querySelector(css: string): Element | null
    querySelectorAll(css: string): Iterable<Element>
  }
  location: { hash: string }
  requestAnimationFrame(call: () => void): void
}
interface Element {
  textContent: string | null
  getAttribute(name: string): string | null
}

interface Held {
  name: string
  ms: number
  what: 'question' | 'answer'
}

/** Runs in the page, before anything else of it. */
function holdBack() {
  const { document, location, requestAnimationFrame } = globalThis as unknown as Dom
  const state = { pending: 0, contradictions: [] as string[] }
  Object.assign(globalThis, { __held: state })
  const ask = globalThis.fetch.bind(globalThis)
  const pause = (ms: number) => new Promise((done) => setTimeout(done, ms))
  globalThis.fetch = async (input, init) => {
    const held = JSON.parse(sessionStorage.getItem('held') ?? 'null') as Held | null
    const isHeld = held !== null && String(input).endsWith(`/api/call/${held.name}`)
    state.pending += 1
    try {
      if (isHeld && held.what === 'question') await pause(held.ms)
      const answer = await ask(input, init)
      if (!isHeld || held.what === 'question') return answer
      const body = await answer.text()
      await pause(held.ms)
      return new Response(body, { status: answer.status, headers: answer.headers })
    } finally {
      state.pending -= 1
    }
  }

  const seen = new Map<string, number>()
  let most = 0
  const look = () => {
    requestAnimationFrame(look)
    if (!location.hash.startsWith('#/connect/')) return
    const marks = [...document.querySelectorAll('main ol > li > span[role=img]')].map(
      (mark) => mark.getAttribute('aria-label') ?? '',
    )
    if (marks.length === 0) return
    const text = document.querySelector('main')?.textContent ?? ''
    const bridge = document.querySelector('header a[title]')?.textContent?.trim()
    const done = marks.filter((mark) => mark.startsWith('Done')).length
    const isNow = marks.some((mark) => mark.startsWith('Now'))
    const isFirstDone = marks[0]?.startsWith('Done') === true
    const isIn = marks.length > 5 && marks[5]?.startsWith('Done') === true
    const isReady = /Ready for \d+:\d\d/.test(text)
    const says: Record<string, boolean> = {
      'the sidebar says open, the first step does not': bridge === 'Open' && !isFirstDone,
      'the sidebar says opening, the first step is done': bridge === 'Opening…' && isFirstDone,
      'a step is being waited for, and nobody is': isNow && text.includes('Not waiting for anybody'),
      'ready, but no step is being waited for': isReady && !isNow,
      'in, and nobody is waited for': isIn && text.includes('Not waiting for anybody'),
      'in, and not said to be': isIn && !/You’re in|Connected\./.test(text),
      'a step was taken back': done < most,
      'the time is over': text.includes('The time for connecting is over'),
    }
    most = Math.max(most, done)
    for (const [what, isSo] of Object.entries(says)) {
      const frames = isSo ? (seen.get(what) ?? 0) + 1 : 0
      seen.set(what, frames)
      if (frames === 6)
        state.contradictions.push(`${what}: ${bridge} | ${marks.join(', ')} | ${text.slice(0, 300)}`)
    }
  }
  requestAnimationFrame(look)
}

/** The same numbers each time (mulberry32). */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

const soon = (message?: string) => ({ intervals: [20], ...(message && { message }) })
const pause = (seconds: number) => new Promise((done) => setTimeout(done, seconds * second))

/** What the page says when it says the same as the host. */
function expected(host: ConnectHost): string {
  const said = { done: 'Done:', now: 'Now:', later: '', failed: 'Did not work:' } as const
  const steps = host.flow().steps.map(({ state }, index) => `${said[state]} step ${index + 1}`)
  const bridge = { open: 'Open', opening: 'Opening…', local: 'This computer only' } as Record<string, string>
  return JSON.stringify([bridge[host.status().bridge.state], steps])
}
const shown = (page: Page) =>
  page.evaluate(() => {
    const { document } = globalThis as unknown as Dom
    return JSON.stringify([
      document.querySelector('header a[title]')?.textContent?.trim(),
      [...document.querySelectorAll('main ol > li > span[role=img]')].map((mark) =>
        mark.getAttribute('aria-label'),
      ),
    ])
  })

async function attempt(run: number, host: ConnectHost, page: Page): Promise<void> {
  const next = random(run + 1)
  const held: Held = {
    name: calls[run % calls.length]!,
    ms: Math.round(next() * 5 * second),
    what: next() < 0.3 ? 'question' : 'answer',
  }
  host.begin(next() < 0.5)
  await page.evaluate((value) => {
    sessionStorage.setItem('held', JSON.stringify(value))
    ;(globalThis as unknown as Dom).location.hash = '/'
  }, held)
  // Half come by Home's button, half look at the steps first.
  const byHome = next() < 0.5
  if (!byHome)
    await page.evaluate(() => {
      ;(globalThis as unknown as Dom).location.hash = '/connect/chatgpt'
    })
  await page.reload()
  const opens = pause(next() * 5)
  await page.getByRole('button', { name: byHome ? 'Connect to ChatGPT' : 'Connect', exact: true }).click()
  await expect.poll(() => host.status().window.open, soon()).toBe(true)
  await opens
  host.set('open')
  const steps = Math.floor(next() * (way.length + 1))
  for (const kind of way.slice(0, steps)) {
    await pause(next() * 0.8)
    host.happen(kind)
  }
  const stop = page.getByRole('button', { name: 'Stop waiting' })
  if (steps < 4 && next() < 0.5 && (await stop.isVisible())) await stop.click()
  const what = `run ${run}: ${held.what} of ${held.name} held for ${held.ms / second} s, ${steps} steps`
  const pending = () =>
    page.evaluate(() => (globalThis as never as { __held: { pending: number } }).__held.pending)
  await expect.poll(pending, soon(what)).toBe(0)
  await expect.poll(async () => (await shown(page)) === expected(host), soon(`${what}: stuck`)).toBe(true)
  const { contradictions } = await page.evaluate(
    () => (globalThis as never as { __held: { contradictions: string[] } }).__held,
  )
  expect(contradictions, what).toEqual([])
}

test.use({ launchOptions: headlessShellOptions })

test('the connect page is never stuck and never contradicts itself, whichever answer comes late', async ({
  browser,
}) => {
  test.setTimeout(60_000 + runs * 3_000)
  const contexts: BrowserContext[] = []
  const hosts: ConnectHost[] = []
  let next = 0
  try {
    await Promise.all(
      Array.from({ length: pagesAtOnce }, async () => {
        const [host, context] = await Promise.all([startConnectHost(), browser.newContext()])
        hosts.push(host)
        contexts.push(context)
        await context.addInitScript(holdBack)
        const page = await context.newPage()
        await page.goto(host.link)
        while (next < runs) await attempt(next++, host, page)
      }),
    )
  } finally {
    await Promise.all([...contexts, ...hosts].map((one) => one.close()))
  }
})
