import type { IncomingMessage } from 'node:http'
import { soleHost } from '../net/request-headers.ts'
import type { Refusal } from './refusals.ts'

type Request = Pick<IncomingMessage, 'headers' | 'rawHeaders' | 'url' | 'method'>

const wrong = { status: 403, code: 'wrong-address' }
const otherName: Refusal = { ...wrong, says: 'control-other-name' }
const otherServer: Refusal = { ...wrong, says: 'control-other-server' }
const otherPage: Refusal = { ...wrong, says: 'control-other-page' }

/**
 * Whether a request was really addressed to this listener by a page of this listener or by a program. A web page whose
 * name was pointed at 127.0.0.1 (DNS rebinding, GHSA-w48q-cv73-mx4w) has a foreign Host; a page on another port of this
 * computer has a foreign Origin. Both compare exactly, port included. Null means: go on.
 */
export function addressProblem(req: Request, port: number): Refusal | null {
  const host = soleHost(req)
  if (host !== `127.0.0.1:${port}` && host !== `localhost:${port}`) return otherName
  // absolute-form targets (RFC 9112 §3.2.2) and `//name` could name another host than the Host header does
  if (!req.url?.startsWith('/') || req.url.startsWith('//')) return otherServer
  const { origin } = req.headers
  if (origin !== undefined && origin !== `http://${host}`) return otherPage
  return fetchProblem(req)
}

/** Not below `/api/`, in whatever letters; Express may read a backslash as a slash. */
const isOfPage = /^\/(?!api\/)[^?\\]*(?:\?|$)/i

/**
 * Fetch metadata: requests without Origin (images, scripts, navigations) still say where they come from. A person may
 * arrive at a page by a link from anywhere; everything else must come from our own pages or from the address bar.
 */
function fetchProblem(req: Request): Refusal | null {
  const site = req.headers['sec-fetch-site']
  if (site === undefined || site === 'same-origin' || site === 'none') return null
  const isFollowed =
    req.headers['sec-fetch-mode'] === 'navigate' && req.headers['sec-fetch-dest'] === 'document'
  if (req.method === 'GET' && isFollowed && isOfPage.test(req.url!)) return null
  return otherPage
}
