import { say } from '../../../locales/say.ts'
import { buttonWords } from '../../contract/agreed/words/button.ts'
import { escapeHtml, page } from '../../net/pages/page.ts'
import { pageScripts } from '../../net/pages/page-scripts.ts'
import { defaultWorkspace } from '../provider/resources.ts'

/** Sentences are ours and hold no markup; what is put into them is escaped first. */
const strong = (text: string): string => `<strong>${escapeHtml(text)}</strong>`

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
