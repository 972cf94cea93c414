import { afterEach, expect, it } from 'vitest'
import { chooseLocale } from '../../locales/say.ts'
import { api } from './api.ts'
import { Name } from './names.ts'

afterEach(() => void chooseLocale('en'))

const wrong = (name: string) => Name.safeParse(name).error?.issues.map(({ message }) => message)

it('says what is wrong with a name in the language that was chosen by then', () => {
  expect(wrong(' ')).toContain('A name is needed.')
  expect(wrong('a'.repeat(41))).toEqual(['Names have 40 characters at most.'])
  chooseLocale('en-XA')
  expect(wrong('a'.repeat(41))).toEqual([expect.stringMatching(/^\[Ñáméš/)])
  const rename = api['tools.set'].input.safeParse({ id: 'a', alias: 'a b' })
  expect(rename.error?.issues[0]?.message).toMatch(/^\[.*\]$/)
})
