import { readFile } from 'node:fs/promises'
import { extname, resolve, sep } from 'node:path'
import type { CustomScheme } from 'electron'
import { appOrigin } from '../channels.ts'

/** Registered before `ready`. Neither `corsEnabled` nor `bypassCSP`: other origins have no business here. */
export const appScheme: CustomScheme = {
  scheme: 'app',
  privileges: { standard: true, secure: true, supportFetchAPI: true },
}

export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

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

/** The file an address means, or null: nothing outside `dir`, no dot files, only types the page is made of. */
function fileFor(dir: string, pathname: string): { file: string; type: string } | null {
  let path: string
  try {
    path = decodeURIComponent(pathname)
  } catch {
    return null
  }
  if (/[\0\\:]/.test(path) || path.split('/').some((part) => part.startsWith('.'))) return null
  const file = resolve(dir, path === '/' ? 'index.html' : `.${path}`)
  const type = types[extname(file).toLowerCase()]
  return type !== undefined && file.startsWith(dir + sep) ? { file, type } : null
}

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
    const found = fileFor(root, url.pathname)
    if (found === null) return answer(404, 'Not found')
    try {
      const body = await readFile(found.file)
      return new Response(request.method === 'HEAD' ? null : body, { headers: headers(found.type) })
    } catch {
      return answer(404, 'Not found')
    }
  }
}
