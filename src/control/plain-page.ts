import { createHash } from 'node:crypto'
import { say, spoken } from '../../locales/say.ts'

const style =
  'body{font:17px/1.5 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1.5rem;color:#1d2330;background:#f7f5f0}h1{font-size:1.6rem;line-height:1.25;overflow-wrap:anywhere}code{background:#e8e4da;padding:.1em .4em;border-radius:4px}a{color:inherit}@media(prefers-color-scheme:dark){body{color:#e9e6df;background:#16181d}code{background:#2a2d35}}'
const styleHash = createHash('sha256').update(style).digest('base64')

/** Of the few pages that are not the app itself. */
export const pagePolicy = `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`

export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`)

/** A page that says why the app is not shown, in a sentence that holds no markup but what is put into it. */
const page = (title: string, sentence: string, again = '/'): string =>
  `<!doctype html><html lang="${spoken()}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(title)}</title><style>${style}</style></head><body><h1>${escapeHtml(title)}</h1><p>${sentence}</p><p><a href="${again}">${say('page.tryAgain')}</a></p></body></html>`

const command = '<code>drawbridge status</code>'

export const lockedPage = (): string => page(say('page.locked.title'), say('page.locked.text', { command }))

export const usedLinkPage = (): string =>
  page(say('page.usedLink.title'), say('page.usedLink.text', { command }))

/** Of the same address, which may be a link that lets in once. */
export const failedPage = (): string => page(say('page.failed.title'), say('page.failed.text'), '')
