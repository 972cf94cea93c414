import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import express, { type ErrorRequestHandler, type Request, type Response, type Router } from 'express'
import type { CallName } from '../../contract/api.ts'
import type { ErrorReply } from '../../contract/errors.ts'
import type { Door, Reply } from '../../contract/pipe.ts'
import { errorText, HostError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log/log.ts'
import { type Callers, callerOf, doorOf } from '../callers.ts'
import { addressProblem } from '../guard.ts'
import * as refusals from '../refusals.ts'
import { openapi, restBase } from './openapi.ts'
import { type Ask, RestRefusal, type RestRoute, type Streamed } from './rest-route.ts'
import { restRoutes } from './rest-routes.ts'

/**
 * The admin interface below `/api/v1`, complete in itself: nothing that comes here falls through to the other routes of the
 * private listener, so the admin key opens nothing else. Order: own Host and Origin, the key or the session (with its CSRF
 * token), the route, then the body. Errors are `{error: {code, message, hint}}`.
 */
export function restRouter(deps: {
  dispatch(name: string, input: unknown, from: Door): Promise<Reply>
  callers: Callers
  port(): number
  maxBody: number
  log: Log
}): Router {
  const { dispatch, callers, log } = deps
  const router = express.Router({ caseSensitive: true, strict: true })

  const askFor =
    (from: Door): Ask =>
    async <K extends CallName>(name: K, input: unknown) => {
      const reply = await dispatch(name, input, from)
      if (!reply.ok) throw refusedBy(reply.error)
      return reply.value as never
    }

  router.use((req, res, next) => {
    const foreign = addressProblem(withWholeUrl(req), deps.port())
    if (foreign) return refuse(res, foreign)
    const caller = callers.of(req, { admin: true })
    if (!caller) {
      res.set('www-authenticate', 'Bearer realm="Drawbridge admin"')
      return refuse(res, refusals.noAdminKey)
    }
    const forged = callers.letIn(req, res, caller)
    if (forged) return refuse(res, forged)
    next()
  })

  const paths = new Map<string, RestRoute[]>()
  for (const route of restRoutes) paths.set(route.path, [...(paths.get(route.path) ?? []), route])
  const bodyOf = ({ bodyTypes = [] }: RestRoute) => {
    const type = ['application/json', ...bodyTypes]
    const strict = bodyTypes.length === 0
    return [onlyJson(type), express.json({ limit: deps.maxBody, type, strict, inflate: false })]
  }

  for (const [path, routes] of paths) {
    const here = router.route(path.replaceAll(/\{(\w+)\}/g, ':$1'))
    for (const route of routes) {
      const steps = route.body ? bodyOf(route) : []
      here[route.method](...steps, async (req: Request, res: Response) => {
        const value = await route.run(
          {
            id: String(req.params.id ?? ''),
            query: queryOf(req, route),
            body: route.bodyTypes ? req.body : route.body ? objectOf(req.body) : undefined,
            headers: route.bodyTypes ? singleHeaders(req) : {},
          },
          askFor(doorOf(callerOf(res))),
        )
        if (route.streams) return void (await sendParts(res, value as Streamed, log))
        if (route.answer.status === 204) return void res.status(204).end()
        if (route.answer.status === 201)
          res.set('location', `${restBase}${path}/${(value as { id: string }).id}`)
        res.status(route.answer.status).json(value)
      })
    }
    here.all(notThat(routes.map((route) => route.method)))
  }
  router
    .route('/openapi.json')
    // made anew each time: hardly anybody asks, and it would stay in memory for good
    .get((_req, res) => void res.json(openapi(restRoutes)))
    .all(notThat(['get']))

  router.use((_req, res) => refuse(res, refusals.noSuchRoute))
  router.use(((error: Error & { status?: number }, req, res, _next) => {
    if (res.headersSent) return void res.destroy()
    if (error instanceof RestRefusal) return void res.status(error.status).json({ error: error.reply })
    const status = error.status ?? 500
    if (status < 500) return refuse(res, bodyRefusals[status] ?? refusals.notJsonObject)
    log.error('control.rest-failed', { path: req.path, error: errorText(error) })
    refuse(res, refusals.broken)
  }) satisfies ErrorRequestHandler)
  return router
}

const bodyRefusals: Record<number, refusals.Refusal> = { 413: refusals.tooLarge, 415: refusals.notJsonType }

const refuse = (res: Response, refusal: refusals.Refusal): void =>
  void res.status(refusal.status).json({ error: refusals.replyOf(refusal) })

/** Mounted routers see their part of the path only. */
const withWholeUrl = (req: Request) => ({
  headers: req.headers,
  rawHeaders: req.rawHeaders,
  method: req.method,
  url: req.originalUrl,
})

function refusedBy(error: ErrorReply): RestRefusal {
  // The routes look first, and the host has the last word.
  if (error.code === 'draft-not-seen') return new RestRefusal(409, { ...error, code: 'needs-owner' })
  return new RestRefusal(refusals.statusOfCode(error.code), error)
}

const onlyJson =
  (types: string[]) =>
  (req: Request, res: Response, next: () => void): void => {
    if (req.is(types)) next()
    else refuse(res, refusals.notJsonType)
  }

const singleHeaders = ({ headers }: Request): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  )

const notThat = (methods: readonly string[]) => {
  const allowed = methods.flatMap((method) => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()]))
  return (_req: Request, res: Response): void => {
    res.set('allow', allowed.join(', '))
    refuse(res, refusals.notThatMethod)
  }
}

/**
 * The next part is asked for when the client took the last one. The first is there before the answer begins, so that what is wrong
 * with the request is still said with a status; later, only breaking off tells that something is missing.
 */
async function sendParts(res: Response, { type, parts }: Streamed, log: Log): Promise<void> {
  const all = parts[Symbol.asyncIterator]()
  const first = await all.next()
  res.status(200).type(type)
  const rest = async function* () {
    if (!first.done) yield first.value
    yield* { [Symbol.asyncIterator]: () => all }
  }
  await pipeline(Readable.from(rest(), { objectMode: true, highWaterMark: 1 }), res).catch((error) =>
    log.debug('control.rest-broken-off', { error: errorText(error) }),
  )
}

/** Parameters that the route knows, each once; a mistyped one must not silently do nothing. */
function queryOf(req: Request, route: RestRoute): Record<string, string> {
  const at = req.originalUrl.indexOf('?')
  const sent = [...new URLSearchParams(at < 0 ? '' : req.originalUrl.slice(at + 1))]
  const known = Object.keys(route.query?.shape ?? {})
  for (const [name] of sent) {
    if (known.includes(name) && sent.filter(([other]) => other === name).length === 1) continue
    const error = new HostError({
      code: 'bad-input',
      says: known.length > 0 ? 'rest-parameter' : 'rest-no-parameters',
      params: { name: name.slice(0, 40), known: known.join(', ') },
    })
    throw new RestRefusal(400, error.reply())
  }
  return Object.fromEntries(sent)
}

function objectOf(body: unknown): unknown {
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body
  throw new RestRefusal(refusals.notJsonObject.status, refusals.replyOf(refusals.notJsonObject))
}
