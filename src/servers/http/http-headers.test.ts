import { expect, it } from 'vitest'
import { readChallenge } from './http-headers.ts'

const at = 'https://a.example/meta'
it.each<[string, string | string[]]>([
  ['alone', `Bearer resource_metadata="${at}", scope="read"`],
  ['in small letters and without quotes', `bearer resource_metadata=${at}, scope=read`],
  ['after two spaces', `Bearer  resource_metadata="${at}", scope="read"`],
  ['behind another in the same line', `Basic realm="x", Bearer resource_metadata="${at}", scope="read"`],
  [
    'behind one that talks of it',
    `Basic realm="no bearer here", Bearer resource_metadata="${at}", scope="read"`,
  ],
  ['in a line of its own', ['Basic realm="x"', `Bearer resource_metadata="${at}", scope="read"`]],
])('a challenge for a token is found %s', (_where, given) => {
  expect(readChallenge(401, { 'www-authenticate': given })).toMatchObject({
    resourceMetadataUrl: new URL(at),
    scope: 'read',
  })
})

it('what is none says nothing', () => {
  for (const given of [undefined, '', 'Bearer', 'Basic realm="bearer scope=x"', [] as string[]])
    expect(readChallenge(401, given === undefined ? {} : { 'www-authenticate': given })).toEqual({
      status: 401,
    })
})
