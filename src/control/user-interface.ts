import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import express, { type RequestHandler } from 'express'

/** Strict enough that text injected into a page can neither run nor send anything anywhere. */
export const contentSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const style =
  'body{font:17px/1.5 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1.5rem;color:#1d2330;background:#f7f5f0}code{background:#e8e4da;padding:.1em .4em;border-radius:4px}a{color:inherit}@media(prefers-color-scheme:dark){body{color:#e9e6df;background:#16181d}code{background:#2a2d35}}'
const styleHash = createHash('sha256').update(style).digest('base64')

/** Of the few pages that are not the app itself. */
export const pagePolicy = `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`

const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`)

/** A page that says why the app is not shown. `code` is set as code, e.g. a command to type. */
export const page = (title: string, sentences: (string | { code: string })[]): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(title)}</title><style>${style}</style></head><body><h1>${escapeHtml(title)}</h1><p>${sentences
    .map((part) => (typeof part === 'string' ? escapeHtml(part) : `<code>${escapeHtml(part.code)}</code>`))
    .join(' ')}</p><p><a href="/">Try again</a></p></body></html>`

export const lockedPage = page('Drawbridge is here, but this browser was not let in yet', [
  'Open the link Drawbridge printed when it started;',
  { code: 'drawbridge status' },
  'prints a new one. Each link lets one browser in.',
])

export const usedLinkPage = page('This link was already used, or is too old', [
  'Each link lets one browser in, once, within ten minutes.',
  { code: 'drawbridge status' },
  'prints a new one.',
])

const meta = /<meta\s+name="drawbridge-csrf"[^>]*>/i

/** The app's page with the session's token in it, so that only the app itself can send commands. */
export function withToken(html: string, csrf: string): string {
  const tag = `<meta name="drawbridge-csrf" content="${csrf}">`
  return meta.test(html) ? html.replace(meta, tag) : html.replace(/<head[^>]*>/i, (head) => head + tag)
}

/** The app's index page from the built interface at `dir`. */
export const indexPage = async (dir: string, csrf: string): Promise<string> =>
  withToken(await readFile(join(dir, 'index.html'), 'utf8'), csrf)

/** Everything else the build made. Files under `assets/` carry a hash of their content in their name. */
export const files = (dir: string): RequestHandler =>
  express.static(dir, {
    index: false,
    redirect: false,
    dotfiles: 'ignore',
    cacheControl: false,
    setHeaders(res, path) {
      const hashed = /[\\/]assets[\\/][^\\/]+-[\w-]{8,}\.\w+$/.test(path)
      res.setHeader('cache-control', hashed ? 'private, max-age=31536000, immutable' : 'no-cache')
    },
  })
