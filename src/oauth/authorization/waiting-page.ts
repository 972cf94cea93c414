import { createHash } from 'node:crypto'
import { say, spoken } from '../../../locales/say.ts'
import { buttonWords } from '../../contract/agreed/button-words.ts'
import { defaultWorkspace } from '../provider/resources.ts'
import { pageScripts, scriptHashes } from './page-scripts.ts'

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: light-dark(#f7f6f4, #191817); color: light-dark(#23211f, #edebe8) }
main { box-sizing: border-box; width: min(30rem, 100%); padding: 2rem; text-align: center }
h1 { font-size: 1.25rem; margin: 0 0 1rem }
p { margin: .5rem 0 }
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
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => escapes[character]!)

/** Sentences are ours and hold no markup; what is put into them is escaped first. */
const strong = (text: string): string => `<strong>${escapeHtml(text)}</strong>`

const page = (title: string, body: string, script = ''): string => `<!doctype html>
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

/** Shown to the browser that asks, while the owner decides in the app. All texts are strangers' and escaped. */
export const waitingPage = (asked: {
  clientName: string
  redirectHost: string
  workspace: string
  /** Null: a click is enough. */
  digits: string | null
  returning: boolean
}): string => {
  const where =
    asked.workspace === defaultWorkspace
      ? ''
      : `<p>${say('consent.onlyWorkspace', { workspace: strong(asked.workspace) })}</p>\n`
  const button = strong(asked.returning ? buttonWords.letBackIn : buttonWords.letIn)
  const decide =
    asked.digits === null
      ? `<p>${say('consent.knownApp', { button })}</p>`
      : `<p class="digits" id="digits">${escapeHtml(asked.digits)}</p>
<p>${say('consent.typeDigits', { button, bold: '<strong>', plain: '</strong>' })}</p>`
  return page(
    say('consent.title'),
    `<p>${say('consent.callsItself', { name: strong(asked.clientName) })}</p>
<p class="host">${escapeHtml(asked.redirectHost)}</p>
${where}${decide}
<p class="muted">${say('consent.goesOn')}</p>
<noscript><p><a href="">${say('consent.decided')}</a></p></noscript>
<p class="muted">${say('consent.notYou', { button: buttonWords.decline })}</p>`,
    pageScripts.waiting,
  )
}

/** Shown when nobody opened the connecting window: the same for everybody, so that it tells a stranger nothing. */
export const closedPage = (): string =>
  page(
    say('consent.closedTitle', { button: buttonWords.connect }),
    `<p>${say('consent.closedText', { button: strong(buttonWords.connect) })}</p>
<p>${say('consent.closedGoesOn')}</p>
<noscript><p><a href="">${say('consent.pressed')}</a></p></noscript>`,
    pageScripts.closed,
  )

/** Any other end of the road. `code` helps whoever wrote the app that sent the browser here. */
export const problemPage = (problem: { title: string; text: string; code?: string | undefined }): string =>
  page(
    problem.title,
    `<p>${escapeHtml(problem.text)}</p>${
      problem.code === undefined
        ? ''
        : `\n<p class="muted">${say('consent.forMaker', { code: escapeHtml(problem.code) })}</p>`
    }`,
  )
