import { expect, it } from 'vitest'
import { externalUrl } from './external-url.ts'

it.each([
  ['https://chatgpt.com/#settings', 'https://chatgpt.com/#settings'],
  ['HTTPS://Example.com', 'https://example.com/'],
  ['http://example.com/', null],
  ['file:///etc/passwd', null],
  ['javascript:alert(1)', null],
  ['java\nscript:alert(1)', null],
  ['ms-msdt:/id', null],
  ['https://user@evil.example/', null],
  ['https://chatgpt.com:x@evil.example/', null],
  ['//example.com', null],
  ['', null],
])('%j opens %j', (text, url) => expect(externalUrl(text)).toBe(url))
