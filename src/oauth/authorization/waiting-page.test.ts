import { afterEach, expect, it } from 'vitest'
import { chooseLocale } from '../../../locales/say.ts'
import { problemPage } from '../../net/pages/page.ts'
import { closedPage, waitingPage } from './waiting-page.ts'

afterEach(() => void chooseLocale('en'))

const asked = { clientName: 'A', redirectHost: 'b.example', workspace: 'w', digits: '123', returning: false }
/** What is shown, without markup. */
const shown = (html: string) =>
  html
    .slice(html.indexOf('<main>'), html.indexOf('</main>'))
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()

it('shows what it is told as text, never as markup', () => {
  const html = waitingPage({ ...asked, clientName: '<b>{bold}</b>', workspace: '<i>', redirectHost: '"&' })
  expect(html).toContain('It calls itself <strong>&lt;b&gt;{bold}&lt;/b&gt;</strong> (not verified).')
  expect(html).toContain('<p>It wants to use <strong>&lt;i&gt;</strong> only.</p>')
  expect(html).toContain('<p class="host">&quot;&amp;</p>')
})

it.each([
  ['the digits', () => waitingPage(asked)],
  ['a click', () => waitingPage({ ...asked, digits: null, returning: true })],
  ['no window', closedPage],
  ['a problem', () => problemPage({ title: '', text: '', code: 'x' })],
])('is whole in the chosen language: %s', (_what, page) => {
  chooseLocale('en-XA')
  const text = shown(page())
  expect(text).toContain('[')
  expect(text).not.toMatch(/\b(?:the|in|and|app|page|press|it|this)\b/i)
})

it('names the language it is in', () => {
  expect(closedPage()).toContain('<html lang="en">')
  chooseLocale('en-XA')
  expect(closedPage()).toMatch(/<html lang="en-XA">.*<h1>\[[^<]*\]<\/h1>/s)
})
