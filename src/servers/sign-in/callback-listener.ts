import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { say, spoken } from '../../../locales/say.ts'
import { sameText } from '../../kernel/ids.ts'

/** RFC 8252 §7.3. */
export const callbackAddress = (port: number): string => `http://127.0.0.1:${port}/callback`

export interface CallbackListener {
  redirectUri: string
  port: number
  close(): void
}

/**
 * Waits on this computer for the browser to come back from signing in. Only a request to `/callback` with the right `state`
 * counts, and only the first; then it closes. `finish` resolves to whether it went well; it never rejects.
 */
export async function listenForCallback(options: {
  /** Tried first; taken already: any other. */
  port: number
  state: string
  finish(params: URLSearchParams): Promise<boolean>
}): Promise<CallbackListener> {
  let used = false
  let port = 0
  const server = createServer((req, res) => {
    void answer(req, res)
  })
  server.requestTimeout = 10_000
  server.maxRequestsPerSocket = 1

  async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const url = URL.canParse(req.url ?? '', 'http://callback.invalid')
      ? new URL(req.url!, 'http://callback.invalid')
      : null
    // Another name for this computer is a sign of a page that plays tricks with names (DNS rebinding).
    if (req.headers.host !== `127.0.0.1:${port}`)
      return send(res, 421, say('signedIn.wrongAddress'), say('signedIn.nothingHere'))
    if (url?.pathname !== '/callback')
      return send(res, 404, say('signedIn.notFound'), say('signedIn.nothingHere'))
    if (req.method !== 'GET')
      return send(res, 405, say('signedIn.notLike'), say('signedIn.pageOnlyForReading'))
    const states = url.searchParams.getAll('state')
    if (states.length !== 1 || !sameText(states[0]!, options.state))
      return send(res, 400, say('signedIn.doesNotBelongHere'), say('signedIn.goBackDrawbridgeAnd'))
    if (used) return send(res, 410, say('signedIn.alreadyUsed'), say('signedIn.youCanGoBack'))
    used = true
    const well = await options.finish(url.searchParams)
    if (well) send(res, 200, say('signedIn.signedIn'), say('signedIn.youCanGoBack'))
    else send(res, 200, say('signedIn.didNotWork'), say('signedIn.goBackDrawbridgeSays'))
    close()
  }

  function close(): void {
    server.close()
    // The page on its way is let out first.
    setTimeout(() => server.closeAllConnections(), 1_000).unref()
  }

  await listen(options.port).catch((error) => (options.port === 0 ? Promise.reject(error) : listen(0)))
  port = (server.address() as AddressInfo).port
  return { redirectUri: callbackAddress(port), port, close }

  function listen(wanted: number): Promise<void> {
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen(wanted, '127.0.0.1', () => {
        server.off('error', reject)
        resolve()
      })
    })
  }
}

const headers = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  connection: 'close',
}

/** Texts are ours: nothing of the request is shown. */
function send(res: ServerResponse, status: number, title: string, text: string): void {
  res
    .writeHead(status, headers)
    .end(
      `<!doctype html><html lang="${spoken()}"><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>${title} · Drawbridge</title><h1>${title}</h1><p>${text}</p></html>\n`,
    )
}
