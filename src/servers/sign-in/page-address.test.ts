import { expect, it } from 'vitest'
import { checkPage } from './page-address.ts'

it('lets only web pages be opened', () => {
  expect(checkPage('https://login.example.com/authorize?a=b')).toBe('https://login.example.com/authorize?a=b')
  expect(checkPage(new URL('http://127.0.0.1:5/authorize'))).toBe('http://127.0.0.1:5/authorize')
  for (const address of [
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'file:///etc/passwd',
    'data:text/html,x',
    'vbscript:x',
    'ms-msdt:/id',
    'search-ms:query=x',
    'http://login.example.com/',
    'http://127.0.0.1.evil.example/',
    'https://user@login.example.com/',
    'a:$(calc.exe)?response_type=code',
    '',
    `https://x.example/${'a'.repeat(20_000)}`,
  ])
    expect(() => checkPage(address), address).toThrow(expect.objectContaining({ code: 'sign-in-unsafe' }))
})
