import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { Express } from 'express'
import type { Door, Listen } from '../contract/pipe.ts'
import type { Clock } from '../kernel/clock.ts'
import { errorText, HostError } from '../kernel/errors.ts'
import { newToken } from '../kernel/ids.ts'
import { isTaken, listenOnLoopback } from '../net/loopback-listening.ts'
import { createPipelineLimit, endWithSocket } from '../net/pipelined-requests.ts'
import { createCallers } from './callers.ts'
import { removeControlFile, writeControlFile } from './control-file.ts'
import { createEventStreams } from './event-stream.ts'
import { addressProblem } from './guard.ts'
import { failedPage, pagePolicy } from './plain-page.ts'
import type { PrivateAppDeps, Serves } from './private-app.ts'
import { broken, replyOf } from './refusals.ts'
import { createSessions } from './sessions.ts'

export interface PrivateListenerDeps extends Serves {
  /** 0 takes any free port. */
  port: number
  on(listen: Listen): () => void
  /** The number of the last event told; left out: events and answers have none. */
  revision?(): number
  /** Where `control.json` is put for the command line. The folder exists and belongs to the user. */
  dataDir: string
  clock: Clock
  /** Told to the command line. */
  mcpUrl?: string
  /** Whether a text is the key for the admin REST interface; left out: no key is. */
  isAdminKey?(text: string): boolean
}

export interface PrivateListener {
  /** Throws HostError `port-taken` or `listener-failed`. */
  listen(): Promise<{ port: number; url: string }>
  /** A new link that lets one browser in, once, within ten minutes. Only after `listen`. */
  oneTimeLink(): string
  close(): Promise<void>
}

/** Each of them is dealt with at once. */
const mostAhead = 8

/**
 * The host's contract over HTTP on 127.0.0.1, for the headless interface and the command line, and the admin interface for programs.
 * Never tunnelled.
 */
export function createPrivateListener(deps: PrivateListenerDeps): PrivateListener {
  const { clock, log, dataDir } = deps
  const key = newToken()
  const sessions = createSessions(clock)
  const streams = createEventStreams(deps.on, deps.revision)
  let port = 0
  // cookies know no ports: the name keeps two hosts on one computer apart
  const cookieName = () => `drawbridge_${port}`
  const callers = createCallers({ key, sessions, cookieName, isAdminKey: deps.isAdminKey ?? (() => false) })
  const linkFor = (from: Door) => `http://127.0.0.1:${port}/open/${sessions.newCode(from)}`
  const app = loadedLater({ ...deps, callers, sessions, streams, port: () => port, cookieName, linkFor })

  const isTooFarAhead = createPipelineLimit(mostAhead)
  const server = createServer(
    { headersTimeout: 10_000, requestTimeout: 30_000, maxHeaderSize: 16_384 },
    (req, res) => void (isTooFarAhead(req, res) || app(req, res)),
  )
  server.on('connection', endWithSocket)
  server.maxConnections = 256

  return {
    listen: async () => {
      port = await listenOnLoopback(server, deps.port, {
        problem: (error) => listenError(error, deps.port),
        onError: (error) => log.error('control.listener', { error: errorText(error) }),
      })
      await writeControlFile(dataDir, { version: 1, pid: process.pid, port, key, mcp: deps.mcpUrl })
      log.info('control.listening', { port, ui: deps.ui !== undefined })
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

/** With Express, when somebody first asks: a host runs for days without it. */
function loadedLater(deps: PrivateAppDeps): RequestListener {
  let app: Express | undefined
  let loading: Promise<void> | undefined
  return (req, res) => {
    if (app) return void app(req, res)
    loading ??= import('./private-app.ts').then(({ createPrivateApp }) => {
      app = createPrivateApp(deps)
    })
    loading.then(
      () => app!(req, res),
      (error) => {
        // The next one tries again: there may only have been too many open files.
        loading = undefined
        deps.log.error('control.failed', { error: errorText(error) })
        sayFailed(req, res, deps.port())
      },
    )
  }
}

/** Whoever is not meant for us is told nothing. */
function sayFailed(req: IncomingMessage, res: ServerResponse, port: number): void {
  if (addressProblem(req, port) !== null) return void res.destroy()
  const isPage = req.method === 'GET' && !req.url!.startsWith('/api/')
  res.writeHead(503, {
    'content-type': isPage ? 'text/html; charset=utf-8' : 'application/json',
    'content-security-policy': pagePolicy,
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    'retry-after': '5',
    connection: 'close',
  })
  res.end(isPage ? failedPage() : JSON.stringify({ ok: false, error: replyOf(broken) }))
}

function listenError(error: NodeJS.ErrnoException, port: number): HostError {
  if (isTaken(error))
    return new HostError({
      code: 'port-taken',
      says: 'port-taken-pages',
      params: { port, reserved: error.code === 'EACCES' },
      cause: error,
    })
  return new HostError({
    code: 'listener-failed',
    says: 'listener-failed-pages',
    detail: error.message,
    cause: error,
  })
}
