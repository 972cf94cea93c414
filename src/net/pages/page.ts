import { createHash } from 'node:crypto'
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { say, spoken } from '../../../locales/say.ts'
import { pageScripts, scriptHashes } from './page-scripts.ts'

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: light-dark(#f7f6f4, #191817); color: light-dark(#23211f, #edebe8) }
main { box-sizing: border-box; width: min(30rem, 100%); padding: 2rem; text-align: center }
h1 { font-size: 1.25rem; margin: 0 0 1rem }
p { margin: .5rem 0; overflow-wrap: anywhere }
.host { font-size: 1.75rem; font-weight: 600; overflow-wrap: anywhere; margin: .25rem 0 1rem }
.digits { font: 600 4rem/1.2 ui-monospace, monospace; letter-spacing: .3em; margin: 1rem 0 1rem .3em }
.muted { color: light-dark(#6b6661, #a29d97); font-size: .9rem }
`
const styleHash = createHash('sha256').update(style).digest('base64')

/** RFC 9700 §4.16: nothing loads, nothing is posted, nobody frames, and no script runs but ours. */
export const pageHeaders: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; script-src ${scriptHashes}; connect-src 'self'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
}

const escapes: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => escapes[character]!)

/** A page of those that strangers' browsers see. */
export const page = (title: string, body: string, script = ''): string => `<!doctype html>
<html lang="${spoken()}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escapeHtml(title)} · Drawbridge</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
${body}
</main>
${
  script === ''
    ? ''
    : `<script>${script}</script>
`
}</body>
</html>
`

export interface PageProblem {
  title: string
  text: string
  /** For whoever wrote the app that sent the browser here. */
  code?: string | undefined
  /** It ends by itself: the page looks, and goes on. */
  looksAgain?: 'busy' | 'raised' | undefined
}

/** Any end of the road. */
export function problemPage({ title, text, code, looksAgain }: PageProblem): string {
  const parts = [`<p>${escapeHtml(text)}</p>`]
  if (looksAgain) parts.push(`<noscript><p><a href="">${say('consent.pressed')}</a></p></noscript>`)
  if (code !== undefined)
    parts.push(`<p class="muted">${say('consent.forMaker', { code: escapeHtml(code) })}</p>`)
  return page(title, parts.join('\n'), looksAgain && pageScripts[looksAgain])
}

export function sendPage(
  res: ServerResponse,
  status: number,
  html: string,
  headers: OutgoingHttpHeaders = {},
): void {
  res.writeHead(status, { ...pageHeaders, 'content-length': Buffer.byteLength(html), ...headers })
  res.end(res.req.method === 'HEAD' ? undefined : html)
}

/** A browser that somebody looks at, rather than a program. */
export const wantsPage = (req: IncomingMessage): boolean =>
  req.method === 'GET' && /\btext\/html\b/i.test(req.headers.accept ?? '')
