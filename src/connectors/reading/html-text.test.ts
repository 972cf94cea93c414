import { expect, it } from 'vitest'
import { htmlText } from './html-text.ts'

it.each([
  ['<p>One</p><p>Two &amp; three</p>', 'One\n\nTwo & three'],
  ['<table><tr><td>Sum</td><td>7</td></tr></table>', 'Sum 7'],
  ['a<br>b<br/>c', 'a\nb\nc'],
  ['<a href="https://a.example">https://a.example</a>', 'https://a.example'],
  ['<a href="https://evil.example">https://bank.example</a>', 'https://bank.example <https://evil.example>'],
  ['<a href="javascript:x">Click</a>', 'Click'],
  [
    '<style>p{}</style><script>x</script><p hidden>No</p><div style="DISPLAY : none"><img src=x><b>No</b></div>Yes',
    'Yes',
  ],
  [
    '<span style="font-size:0px">No</span><span style="opacity:0">No</span><span style="opacity:0.9">Yes</span>',
    'Yes',
  ],
  ['<p>never closed <b>at all', 'never closed at all'],
])('reads %s', (html, text) => {
  expect(htmlText(html)).toBe(text)
})

it('gives up a page that is nested without end, soon', () => {
  const begun = performance.now()
  expect(htmlText(`Hello ${'<div>'.repeat(100_000)}deep`)).toBe('Hello')
  expect(performance.now() - begun).toBeLessThan(2_000)
})
