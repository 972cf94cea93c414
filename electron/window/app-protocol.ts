import { readFile } from 'node:fs/promises'
import { extname, resolve } from 'node:path'
import type { CustomScheme } from 'electron'
import { contentSecurityPolicy, fileFor } from '../../src/control/page-files.ts'
import { appOrigin } from '../channels.ts'

/** Registered before `ready`. Neither `corsEnabled` nor `bypassCSP`: other origins have no business here. */
export const appScheme: CustomScheme = {
  scheme: 'app',
  privileges: { standard: true, secure: true, supportFetchAPI: true },
}

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
}

const headers = (type: string) => ({
  'content-type': type,
  'content-security-policy': contentSecurityPolicy,
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-cache',
})

const answer = (status: number, text: string) =>
  new Response(text, { status, headers: headers('text/plain; charset=utf-8') })

/** Answers `app://drawbridge/…` from the built page in `dir`, to that page alone. */
export function serveRenderer(dir: string): (request: Request) => Promise<Response> {
  const root = resolve(dir)
  return async (request) => {
    const url = new URL(request.url)
    if (url.protocol !== 'app:' || url.host !== 'drawbridge') return answer(404, 'Not found')
    if (request.method !== 'GET' && request.method !== 'HEAD') return answer(405, 'Not allowed')
    const origin = request.headers.get('origin')
    const site = request.headers.get('sec-fetch-site')
    if (origin !== null && origin !== appOrigin) return answer(403, 'Not allowed')
    if (site !== null && site !== 'same-origin' && site !== 'none') return answer(403, 'Not allowed')
    const file = fileFor(root, url.pathname === '/' ? '/index.html' : url.pathname)
    // Only what the page is made of.
    const type = file && types[extname(file).toLowerCase()]
    if (!file || !type) return answer(404, 'Not found')
    try {
      const body = await readFile(file)
      return new Response(request.method === 'HEAD' ? null : body, { headers: headers(type) })
    } catch {
      return answer(404, 'Not found')
    }
  }
}
