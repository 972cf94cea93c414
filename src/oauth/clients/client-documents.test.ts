import { expect, it } from 'vitest'
import { TooLarge } from '../../net/guarded-fetch.ts'
import { fetchDocument } from './client-documents.ts'

const json = { 'content-type': 'application/json' }
const refused = (answer: Response | Error) =>
  fetchDocument('https://app.example/client.json', async () => {
    if (answer instanceof Error) throw answer
    return answer
  }).then(
    () => 'accepted',
    (error: Error) => error.message,
  )

it('a document is refused when it redirects, fails, is large, is no JSON or cannot be had', async () => {
  expect(await refused(new Response('{}', { headers: json }))).toBe('accepted')
  expect(
    await refused(new Response(null, { status: 302, headers: { location: 'https://x.example/' } })),
  ).toBe('answered 302')
  expect(await refused(new Response('{}', { status: 404, headers: json }))).toBe('answered 404')
  expect(await refused(new Response('{}', { headers: { 'content-type': 'text/html' } }))).toBe('not JSON')
  expect(await refused(new TooLarge(new Response(null, { headers: json })))).toBe('too large')
  // what it is counts before how much there is of it
  expect(await refused(new TooLarge(new Response(null, { status: 404 })))).toBe('answered 404')
  expect(await refused(new TypeError('fetch failed', { cause: new Error('the reason') }))).toBe('the reason')
})
