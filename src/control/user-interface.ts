import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import express, { type RequestHandler } from 'express'
import { say, spoken } from '../../locales/say.ts'
import type { Reply } from '../contract/pipe.ts'
import { compressedFiles } from './compressed-files.ts'

/** Strict enough that text injected into a page can neither run nor send anything anywhere. */
export const contentSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const style =
  'body{font:17px/1.5 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1.5rem;color:#1d2330;background:#f7f5f0}h1{font-size:1.6rem;line-height:1.25;overflow-wrap:anywhere}code{background:#e8e4da;padding:.1em .4em;border-radius:4px}a{color:inherit}@media(prefers-color-scheme:dark){body{color:#e9e6df;background:#16181d}code{background:#2a2d35}}'
const styleHash = createHash('sha256').update(style).digest('base64')

/** Of the few pages that are not the app itself. */
export const pagePolicy = `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`

const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`)

/** A page that says why the app is not shown, in a sentence that holds no markup but what is put into it. */
const page = (title: string, sentence: string): string =>
  `<!doctype html><html lang="${spoken()}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(title)}</title><style>${style}</style></head><body><h1>${escapeHtml(title)}</h1><p>${sentence}</p><p><a href="/">${say('page.tryAgain')}</a></p></body></html>`

const command = '<code>drawbridge status</code>'

export const lockedPage = (): string => page(say('page.locked.title'), say('page.locked.text', { command }))

export const usedLinkPage = (): string =>
  page(say('page.usedLink.title'), say('page.usedLink.text', { command }))

const meta = /<meta\s+name="drawbridge-csrf"[^>]*>/i

/**
 * The app's page with the session's token in it, so that only the app itself can send commands, and with the first answer that
 * it would ask for.
 */
function withToken(html: string, csrf: string, status?: Reply): string {
  const first = status?.ok
    ? `<meta name="drawbridge-status" content="${escapeHtml(JSON.stringify(status))}">`
    : ''
  const tags = `<meta name="drawbridge-csrf" content="${csrf}">${first}`
  // As functions, because what is told of the host may hold what `replace` takes for a pattern.
  const spokenHtml = html.replace(/<html lang="[^"]*"/i, `<html lang="${spoken()}"`)
  return meta.test(html)
    ? spokenHtml.replace(meta, () => tags)
    : spokenHtml.replace(/<head[^>]*>/i, (head) => head + tags)
}

/** The app's index page from the built interface at `dir`. */
export const indexPage = async (dir: string, csrf: string, status?: Reply): Promise<string> =>
  withToken(await readFile(join(dir, 'index.html'), 'utf8'), csrf, status)

/** Files under `assets/` carry a hash of their content in their name. */
const cacheControlOf = (path: string): string =>
  /[\\/]assets[\\/][^\\/]+-[\w-]{8,}\.\w+$/.test(path) ? 'private, max-age=31536000, immutable' : 'no-cache'

/** Everything else the build made. */
export const files = (dir: string): RequestHandler[] => [
  compressedFiles(dir, cacheControlOf),
  express.static(dir, {
    index: false,
    redirect: false,
    dotfiles: 'ignore',
    cacheControl: false,
    setHeaders: (res, path) => void res.setHeader('cache-control', cacheControlOf(path)),
  }),
]
