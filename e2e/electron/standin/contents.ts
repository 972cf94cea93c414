import { readFileSync } from 'node:fs'
import type { Page, Route } from '@playwright/test'
import { browserContext } from './browser.ts'
import { preloadScript } from './preload-script.ts'
import { records, report } from './records.ts'
import { StrictEmitter, strict } from './strict.ts'

/** Chromium knows no `app://`; this origin, answered by the same protocol handler, plays it. */
const played = 'https://drawbridge.app-standin.invalid'
const real = 'app://drawbridge'
const toPlayed = (url: string) => url.replace(real, played)
const toReal = (url: string) => (url.startsWith(played) ? url.replace(played, real) : url)

export interface Handlers {
  protocol(scheme: string): ((request: Request) => Response | Promise<Response>) | undefined
  ipc(channel: string): ((event: object, ...args: unknown[]) => unknown) | undefined
}

const events = [
  'will-navigate',
  'will-frame-navigate',
  'will-redirect',
  'will-attach-webview',
  'render-process-gone',
]

/** `webContents`, played by a page of Chromium. */
export class FakeContents extends StrictEmitter {
  /** What our main process holds: the same object, loud about what it lacks. */
  readonly facade: FakeContents
  readonly page: Promise<Page>
  readonly #handlers: Handlers
  #openHandler: ((details: { url: string }) => { action: string }) | undefined
  #loading = false
  #destroyed = false
  /** Events reach the page in the order they were sent. */
  #sending: Promise<unknown> = Promise.resolve()

  constructor(preload: string, handlers: Handlers) {
    super('WebContents', events)
    this.#handlers = handlers
    this.facade = strict('WebContents', this)
    this.page = this.#open(readFileSync(preload, 'utf8'))
  }

  isDestroyed(): boolean {
    return this.#destroyed
  }

  getURL(): string {
    return this.#url
  }

  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.#openHandler = handler
  }

  send(channel: string, ...args: unknown[]): void {
    if (this.#destroyed) throw new Error('Object has been destroyed')
    const message = { channel, args: structuredClone(args) }
    this.#sending = this.#sending
      .then(() => this.page)
      .then((page) =>
        page.evaluate(({ channel, args }) => {
          const deliver = Reflect.get(globalThis, Symbol.for('standin.deliver'))
          if (typeof deliver === 'function') deliver(channel, args)
        }, message),
      )
      // A page that is just going away misses events in Electron too.
      .catch(() => {})
  }

  async load(url: string): Promise<void> {
    if (this.#handlers.protocol(new URL(url).protocol.slice(0, -1)) === undefined)
      throw new Error(`Nobody answers ${url}: protocol.handle was not called for it.`)
    const page = await this.page
    this.#loading = true
    try {
      const answer = await page.goto(toPlayed(url))
      if (answer !== null && !answer.ok()) throw new Error(`${url} was answered with ${answer.status()}.`)
      this.#url = url
    } finally {
      this.#loading = false
    }
  }

  destroy(): void {
    this.#destroyed = true
    void this.page.then((page) => page.close()).catch(() => {})
  }

  #url = ''

  async #open(preload: string): Promise<Page> {
    const context = await browserContext()
    const page = await context.newPage()
    await page.exposeBinding('__standinInvoke', async ({ frame }, channel: string, args: unknown[]) => {
      const handler = this.#handlers.ipc(channel)
      if (handler === undefined) throw new Error(`No handler registered for '${channel}'`)
      const url = toReal(frame.url())
      const senderFrame = strict('WebFrameMain', {
        url,
        origin: url.startsWith(`${real}/`) ? real : new URL(url).origin,
        parent: frame.parentFrame() === null ? null : {},
      })
      return await handler({ sender: this.facade, senderFrame }, ...args)
    })
    await page.addInitScript(preloadScript(preload))
    await context.route('**/*', (route) => this.#answer(page, route))
    context.on('page', (other) => void closeAnswered(other))
    page.on('crash', () => this.happen('render-process-gone', {}, { reason: 'crashed' }))
    return page
  }

  async #answer(page: Page, route: Route): Promise<void> {
    const request = route.request()
    const url = toReal(request.url())
    if (request.isNavigationRequest()) {
      if (!isOf(page, request)) return this.#popup(url, route)
      const details = { url, isMainFrame: request.frame().parentFrame() === null }
      if (!this.#loading) {
        const denied = this.happen('will-frame-navigate', details)
        if (details.isMainFrame ? this.happen('will-navigate', details) : denied)
          return route.abort('aborted')
        if (details.isMainFrame && !url.startsWith(`${real}/`)) escaped(url)
      }
    }
    const handler = this.#handlers.protocol(new URL(url).protocol.slice(0, -1))
    if (handler === undefined) {
      records.blocked.push(url)
      return route.abort('blockedbyclient')
    }
    const headers = new Headers()
    for (const [name, value] of Object.entries(request.headers()))
      if (!name.startsWith(':')) headers.set(name, name === 'origin' ? toReal(value) : value)
    const answer = await handler(new Request(url, { method: request.method(), headers }))
    const body = Buffer.from(await answer.arrayBuffer())
    await route.fulfill({ status: answer.status, headers: Object.fromEntries(answer.headers), body })
  }

  async #popup(url: string, route: Route): Promise<void> {
    await route.abort('aborted')
    if (this.#openHandler?.({ url }).action !== 'deny') escaped(url)
  }
}

/** A window that opens by itself, once it was heard what it wants: closed before, it may not have asked yet. */
async function closeAnswered(other: Page): Promise<void> {
  await other.waitForEvent('requestfailed', { timeout: 3_000 }).catch(() => {})
  await other.close().catch(() => {})
}

/** A request made before its frame exists belongs to a new window. */
function isOf(page: Page, request: { frame(): { page(): Page } }): boolean {
  try {
    return request.frame().page() === page
  } catch {
    return false
  }
}

function escaped(url: string): void {
  records.escapes.push(url)
  report({ escaped: url })
}
