import { createServer } from 'node:http'
import express, { type ErrorRequestHandler, type Response } from 'express'
import { api } from '../contract/api.ts'
import type { Door, Listen, Reply } from '../contract/pipe.ts'
import type { Clock } from '../kernel/clock.ts'
import { errorText, HostError } from '../kernel/errors.ts'
import { newToken } from '../kernel/ids.ts'
import type { Log } from '../kernel/log.ts'
import { createPipelineLimit, endWithSocket } from '../net/pipelined-requests.ts'
import { type Caller, createCallers, doorOf } from './callers.ts'
import { removeControlFile, writeControlFile } from './control-file.ts'
import { createEventStreams } from './event-stream.ts'
import { addressProblem, cookieValue } from './guard.ts'
import * as refusals from './refusals.ts'
import { restBase } from './rest/openapi.ts'
import { restRouter } from './rest/rest-router.ts'
import { createSessions } from './sessions.ts'
import {
  contentSecurityPolicy,
  files,
  indexPage,
  lockedPage,
  pagePolicy,
  usedLinkPage,
} from './user-interface.ts'

export interface PrivateListenerDeps {
  /** 0 takes any free port. */
  port: number
  dispatch(name: string, input: unknown, from: Door): Promise<Reply>
  on(listen: Listen): () => void
  /** The number of the last event told; left out: events and answers have none. */
  revision?(): number
  /** Where `control.json` is put for the command line. The folder exists and belongs to the user. */
  dataDir: string
  clock: Clock
  log: Log
  /** The built interface; without it the listener serves the command line only. */
  ui?: {
    dir: string
    /** The first answer that the page would ask for, sent with it. */
    status?(): Promise<Reply>
  }
  /** Told to the command line. */
  mcpUrl?: string
  /** Whether a text is the key for the admin REST interface; left out: no key is. */
  isAdminKey?(text: string): boolean
  /** A browser was let in by a link that was asked for through this door: from then on, it is a window of ours. */
  onLetIn?(from: Exclude<Door, 'window'>): void
}

export interface PrivateListener {
  /** Throws HostError `port-taken` or `listener-failed`. */
  listen(): Promise<{ port: number; url: string }>
  /** A new link that lets one browser in, once, within ten minutes. Only after `listen`. */
  oneTimeLink(): string
  close(): Promise<void>
}

const maxBody = 1_000_000
/** Each of them is dealt with at once. */
const mostAhead = 8

/**
 * The host's contract over HTTP on 127.0.0.1, for the headless interface and the command line. Never tunnelled. Deny by
 * default: own Host, own Origin, then the key or the session (with its CSRF token), then one of the few routes. Below
 * `/api/v1` is the admin interface, which has a key of its own.
 */
export function createPrivateListener(deps: PrivateListenerDeps): PrivateListener {
  const { clock, log, dataDir, ui } = deps
  const key = newToken()
  const sessions = createSessions(clock)
  const streams = createEventStreams(deps.on, deps.revision)
  let port = 0
  // cookies know no ports: the name keeps two hosts on one computer apart
  const cookieName = () => `drawbridge_${port}`
  const callers = createCallers({ key, sessions, cookieName, isAdminKey: deps.isAdminKey ?? (() => false) })
  const linkFor = (from: Door) => `http://127.0.0.1:${port}/open/${sessions.newCode(from)}`

  const app = express().disable('x-powered-by').disable('etag').set('query parser', false)

  app.use((_req, res, next) => {
    res.set({
      'content-security-policy': contentSecurityPolicy,
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-store',
    })
    next()
  })
  // Before everything else, and nothing comes back from it: the admin key must not reach the routes below.
  app.use(restBase, restRouter({ dispatch: deps.dispatch, callers, port: () => port, maxBody, log }))
  app.use((req, res, next) => {
    const problem = addressProblem(req, port)
    if (!problem) return next()
    log.debug('control.refused', { host: req.headers.host, origin: req.headers.origin })
    refuse(res, problem)
  })

  app.get('/open/:code', (req, res, next) => {
    if (req.method !== 'GET' || !ui) return next() // Express answers HEAD with GET's handler: it must not spend the code
    if (/prefetch|prerender/.test(String(req.headers['sec-purpose'] ?? ''))) return void res.sendStatus(503)
    const opened = callers.session(req) ? null : sessions.open(req.params.code)
    if (opened && opened.from !== 'window') deps.onLetIn?.(opened.from)
    if (opened) res.cookie(cookieName(), opened.cookie, { httpOnly: true, sameSite: 'strict', path: '/' })
    else if (!callers.session(req)) return html(res, 401, usedLinkPage)
    res.redirect(303, '/')
  })

  app.use((req, res, next) => {
    const caller = callers.of(req)
    if (!caller) {
      if (req.method === 'GET' && !req.path.startsWith('/api/')) return html(res, 401, lockedPage)
      return refuse(res, refusals.notLetIn)
    }
    const forged = callers.forged(req, caller)
    if (forged) return refuse(res, forged)
    res.locals.caller = caller
    next()
  })

  // bodies are read only after the caller is known
  const body = express.json({ limit: maxBody, type: 'application/json', strict: true, inflate: false })

  app.post('/api/call/:name', body, async (req, res) => {
    const name = String(req.params.name)
    if (!Object.hasOwn(api, name) || api[name as keyof typeof api].kind === 'event')
      return refuse(res, refusals.unknownCall)
    if (typeof req.body !== 'object' || req.body === null || Array.isArray(req.body))
      return refuse(res, refusals.notJson)
    const reply = await deps.dispatch(
      name,
      (req.body as { input?: unknown }).input,
      doorOf(res.locals.caller),
    )
    res.status(reply.ok ? 200 : statusOf(reply.error.code)).json(reply)
  })

  app.get('/api/events', (req, res) => {
    if (req.method !== 'GET') return void res.sendStatus(405)
    const cookie = req.headers.cookie
    const byKey = (res.locals.caller as Caller).kind === 'key'
    const welcome = () => byKey || sessions.find(cookieValue(cookie, cookieName())) !== null
    if (!streams.add(res, welcome)) refuse(res, refusals.tooMany)
  })

  app.post('/api/link', (_req, res) => {
    if (!ui || (res.locals.caller as Caller).kind !== 'key') return refuse(res, refusals.keyOnly)
    res.json({ ok: true, value: { url: linkFor(doorOf(res.locals.caller)) } })
  })

  if (ui) {
    const shell = async (res: Response) => {
      const caller = res.locals.caller as Caller
      const text =
        caller.kind === 'session'
          ? await indexPage(ui.dir, caller.session.csrf, await ui.status?.())
          : await indexPage(ui.dir, '')
      res.type('html').send(text)
    }
    app.get(['/', '/index.html'], (_req, res) => shell(res))
    app.use(files(ui.dir))
    // addresses inside the app, such as /activity: no dot, no /api
    app.get(/^\/(?!api\/)[^.]*$/, (_req, res) => shell(res))
  }

  app.use((_req, res) => refuse(res, refusals.nothingHere))
  app.use(((error: Error & { status?: number; type?: string }, _req, res, _next) => {
    const status = error.status ?? 500
    if (status >= 500) log.error('control.failed', { error: errorText(error) })
    if (res.headersSent) return void res.destroy()
    refuse(res, status === 413 ? refusals.tooLarge : status < 500 ? refusals.notJson : refusals.broken)
  }) satisfies ErrorRequestHandler)

  const isTooFarAhead = createPipelineLimit(mostAhead)
  const server = createServer(
    { headersTimeout: 10_000, requestTimeout: 30_000, maxHeaderSize: 16_384 },
    (req, res) => void (isTooFarAhead(req, res) || app(req, res)),
  )
  server.on('connection', endWithSocket)
  server.maxConnections = 256

  return {
    listen: async () => {
      await new Promise<void>((resolve, reject) => {
        server.once('error', (error) => reject(listenError(error, deps.port)))
        server.listen({ port: deps.port, host: '127.0.0.1' }, resolve)
      })
      port = (server.address() as { port: number }).port
      await writeControlFile(dataDir, { version: 1, pid: process.pid, port, key, mcp: deps.mcpUrl })
      log.info('control.listening', { port, ui: ui !== undefined })
      return { port, url: `http://127.0.0.1:${port}` }
    },
    oneTimeLink: () => linkFor('window'),
    close: async () => {
      removeControlFile(dataDir, key)
      streams.close()
      sessions.clear()
      if (!server.listening) return
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
    },
  }
}

const refuse = (res: Response, { status, ...error }: refusals.Refusal): void =>
  void res.status(status).json({ ok: false, error })

const html = (res: Response, status: number, text: string): void =>
  void res.status(status).set('content-security-policy', pagePolicy).type('html').send(text)

const statusOf = (code: string): number => {
  if (code === 'internal') return 500
  if (/not-found|unknown/.test(code)) return 404
  return /invalid|input/.test(code) ? 400 : 409
}

function listenError(error: NodeJS.ErrnoException, port: number): HostError {
  if (error.code === 'EADDRINUSE' || error.code === 'EACCES')
    return new HostError({
      code: 'port-taken',
      message: `Port ${port} for Drawbridge’s own pages cannot be used: ${error.code === 'EACCES' ? 'this computer reserves it' : 'another program has it'}.`,
      hint: 'Choose another one with --ui-port, or leave the option out and Drawbridge finds a free one.',
      cause: error,
    })
  return new HostError({
    code: 'listener-failed',
    message: 'Drawbridge could not open its own pages on this computer.',
    hint: 'Start it again. If it happens again, restart the computer.',
    detail: error.message,
    cause: error,
  })
}
