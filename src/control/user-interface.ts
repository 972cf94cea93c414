import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import express, { type RequestHandler } from 'express'
import { spoken } from '../../locales/say.ts'
import type { Reply } from '../contract/pipe.ts'
import { compressedFiles } from './compressed-files.ts'
import { escapeHtml } from './plain-page.ts'

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
