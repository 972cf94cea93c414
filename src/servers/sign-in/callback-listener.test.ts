import { afterEach, expect, it } from 'vitest'
import { chooseLocale } from '../../../locales/say.ts'
import { listenForCallback } from './callback-listener.ts'

afterEach(() => void chooseLocale('en'))

it('shows a page in the language that it names', async () => {
  const listener = await listenForCallback({ port: 0, state: 'a', finish: async () => true })
  const page = async () => (await fetch(`http://127.0.0.1:${listener.port}/elsewhere`)).text()
  try {
    expect(await page()).toContain('<html lang="en">')
    chooseLocale('en-XA')
    expect(await page()).toMatch(/<html lang="en-XA">.*<h1>\[.*\]<\/h1>/)
  } finally {
    listener.close()
  }
})
