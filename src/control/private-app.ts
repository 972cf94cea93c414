import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Response,
} from 'express'
import { api } from '../contract/api.ts'
import type { Door, Reply } from '../contract/pipe.ts'
import { errorText } from '../kernel/errors.ts'
import type { Log } from '../kernel/log/log.ts'
import { type Callers, callerOf, doorOf } from './callers.ts'
import type { EventStreams } from './event-stream.ts'
import { addressProblem } from './guard.ts'
import { contentSecurityPolicy } from './page-files.ts'
import { lockedPage, pagePolicy, usedLinkPage } from './plain-page.ts'
import * as refusals from './refusals.ts'
import { restBase } from './rest/openapi.ts'
import { restRouter } from './rest/rest-router.ts'
import type { Sessions } from './sessions.ts'
import { files, indexPage } from './user-interface.ts'

/** What is served, and to whom it is told. */
export interface Serves {
  dispatch(name: string, input: unknown, from: Door): Promise<Reply>
  log: Log
  /** The built interface; without it the listener serves the command line only. */
  ui?: {
    dir: string
    /** The first answer that the page would ask for, sent with it. */
    status?(): Promise<Reply>
  }
  /** A browser was let in by a link that was asked for through this door: from then on, it is a window of ours. */
  onLetIn?(from: Exclude<Door, 'window'>): void
}

export interface PrivateAppDeps extends Serves {
  callers: Callers
  sessions: Sessions
  streams: EventStreams
  /** The one we listen on. */
  port(): number
  cookieName(): string
  /** A new one-time link, asked for through this door. */
  linkFor(from: Door): string
}

/** Bytes. */
const maxBody = 1_000_000

/**
 * The routes of the private listener. Deny by default: own Host, own Origin, then the key or the session (with its CSRF token), then
 * one of the few routes. Below `/api/v1` is the admin interface, which has a key of its own.
 */
export function createPrivateApp(deps: PrivateAppDeps): Express {
  const { dispatch, callers, log, port, ui } = deps
  const app = express().disable('x-powered-by').disable('etag').set('query parser', false)
  // what looks at a path here reads it letter for letter
  const routes = express.Router({ caseSensitive: true })
  app.use(routes)
  routes.use(cautiously)
  // Before everything else, and nothing comes back from it: the admin key must not reach the routes below.
  routes.use(restBase, restRouter({ dispatch, callers, port, maxBody, log }))
  routes.use(isMeantForUs(deps))
  routes.get('/open/:code', openLink(deps))
  routes.use(isLetIn(callers))
  // bodies are read only after the caller is known
  const body = express.json({ limit: maxBody, type: 'application/json', strict: true, inflate: false })
  routes.post('/api/call/:name', body, call(dispatch))
  routes.get('/api/events', events(deps))
  routes.post('/api/link', newLink(deps))
  if (ui) {
    routes.get(['/', '/index.html'], shell(ui))
    routes.use(files(ui.dir))
    // addresses inside the app, such as /activity: no dot, no /api
    routes.get(/^\/(?!api\/)[^.]*$/i, shell(ui))
  }
  routes.use((_req, res) => refuse(res, refusals.nothingHere))
  routes.use(failed(log))
  return app
}

const cautiously: RequestHandler = (_req, res, next) => {
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
}

const isMeantForUs =
  ({ port, log }: PrivateAppDeps): RequestHandler =>
  (req, res, next) => {
    const problem = addressProblem(req, port())
    if (!problem) return next()
    log.debug('control.refused', { host: req.headers.host, origin: req.headers.origin })
    refuse(res, problem)
  }

const openLink =
  ({ callers, sessions, cookieName, ui, onLetIn }: PrivateAppDeps): RequestHandler<{ code: string }> =>
  (req, res, next) => {
    if (req.method !== 'GET' || !ui) return next() // Express answers HEAD with GET's handler: it must not spend the code
    if (/prefetch|prerender/.test(String(req.headers['sec-purpose'] ?? ''))) return void res.sendStatus(503)
    const opened = callers.session(req) ? null : sessions.open(req.params.code)
    if (opened && opened.from !== 'window') onLetIn?.(opened.from)
    if (opened) res.cookie(cookieName(), opened.cookie, { httpOnly: true, sameSite: 'strict', path: '/' })
    else if (!callers.session(req)) return html(res, 401, usedLinkPage())
    res.redirect(303, '/')
  }

const isLetIn =
  (callers: Callers): RequestHandler =>
  (req, res, next) => {
    const caller = callers.of(req)
    if (!caller) {
      if (req.method === 'GET' && !/^\/api\//i.test(req.path)) return html(res, 401, lockedPage())
      return refuse(res, refusals.notLetIn)
    }
    const forged = callers.letIn(req, res, caller)
    if (forged) return refuse(res, forged)
    next()
  }

const call =
  (dispatch: Serves['dispatch']): RequestHandler =>
  async (req, res) => {
    const name = String(req.params.name)
    if (!Object.hasOwn(api, name) || api[name as keyof typeof api].kind === 'event')
      return refuse(res, refusals.unknownCall)
    if (typeof req.body !== 'object' || req.body === null || Array.isArray(req.body))
      return refuse(res, refusals.notJson)
    const reply = await dispatch(name, (req.body as { input?: unknown }).input, doorOf(callerOf(res)))
    res.status(reply.ok ? 200 : refusals.statusOfCode(reply.error.code)).json(reply)
  }

const events =
  ({ callers, streams }: PrivateAppDeps): RequestHandler =>
  (req, res) => {
    if (req.method !== 'GET') return void res.sendStatus(405)
    const isWelcome = callerOf(res).kind === 'key' ? () => true : callers.staying(req)
    if (!streams.add(res, isWelcome)) refuse(res, refusals.tooMany)
  }

const newLink =
  ({ ui, linkFor }: PrivateAppDeps): RequestHandler =>
  (_req, res) => {
    const caller = callerOf(res)
    if (!ui || caller.kind !== 'key') return refuse(res, refusals.keyOnly)
    res.json({ ok: true, value: { url: linkFor(doorOf(caller)) } })
  }

const shell =
  (ui: NonNullable<Serves['ui']>) =>
  async (_req: Request, res: Response): Promise<void> => {
    const caller = callerOf(res)
    const text =
      caller.kind === 'session'
        ? await indexPage(ui.dir, caller.session.csrf, await ui.status?.())
        : await indexPage(ui.dir, '')
    res.type('html').send(text)
  }

const failed =
  (log: Log): ErrorRequestHandler =>
  (error: Error & { status?: number }, _req, res, _next) => {
    const status = error.status ?? 500
    if (status >= 500) log.error('control.failed', { error: errorText(error) })
    if (res.headersSent) return void res.destroy()
    refuse(res, status === 413 ? refusals.tooLarge : status < 500 ? refusals.notJson : refusals.broken)
  }

const refuse = (res: Response, refusal: refusals.Refusal): void =>
  void res.status(refusal.status).json({ ok: false, error: refusals.replyOf(refusal) })

const html = (res: Response, status: number, text: string): void =>
  void res.status(status).set('content-security-policy', pagePolicy).type('html').send(text)
