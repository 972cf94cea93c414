import { afterEach, expect, it } from 'vitest'
import { chooseLocale } from '../../locales/say.ts'
import { lockedPage } from './plain-page.ts'
import { notJson, notLetIn, replyOf } from './refusals.ts'

afterEach(() => void chooseLocale('en'))

it('says why a request is not served in the user’s language, under a code that stays', () => {
  expect(replyOf(notLetIn)).toEqual({
    code: 'not-let-in',
    message: 'This browser or program was not let in.',
    hint: 'Open the link Drawbridge printed; `drawbridge status` prints a new one.',
  })
  expect(replyOf(notJson).hint).toBe('Send a JSON object such as {"input": …} as application/json.')
  chooseLocale('en-XA')
  const { code, message, hint } = replyOf(notLetIn)
  expect(code).toBe('not-let-in')
  expect([message, hint]).toEqual([expect.stringMatching(/^\[Ť.*\]$/), expect.stringMatching(/^\[.*\]$/)])
})

it('names the language of its pages', () => {
  expect(lockedPage()).toContain('<html lang="en">')
  chooseLocale('en-XA')
  expect(lockedPage()).toContain('<html lang="en-XA">')
})
