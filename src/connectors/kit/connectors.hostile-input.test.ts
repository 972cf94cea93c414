import { beforeEach, describe, expect, it } from 'vitest'
import { silentLog } from '../../kernel/log/log.ts'
import { createConnectors } from './connectors.ts'
import { createMemory } from './testing/memory.ts'

let fetched: string[]
beforeEach(() => {
  fetched = []
})

const call = (tool: string, args: Record<string, unknown>) =>
  createConnectors({
    ...createMemory(),
    fetch: async (url) => {
      fetched.push(String(url))
      return new Response('{}')
    },
    clock: { now: () => 0 },
    log: silentLog,
    version: '1.2.3',
  })
    .sources()
    .find((source) => source.tools().some(({ name }) => name === tool))!
    .call(tool, args, { signal: new AbortController().signal })

it('asks the real services at their own addresses', async () => {
  await expect(call('get_github_stars', { repository: 'a.b/c' })).rejects.toMatchObject({
    code: 'arguments-invalid',
  })
  await expect(call('get_github_stars', { repository: 'a/.github' })).rejects.toMatchObject({
    code: 'service-answer-invalid',
  })
  await expect(call('get_npm_downloads', { package: '@a/b.js' })).rejects.toMatchObject({
    code: 'service-answer-invalid',
  })
  expect(fetched).toEqual([
    'https://api.github.com/repos/a/.github',
    'https://api.npmjs.org/downloads/range/last-week/@a/b.js',
  ])
})

describe('what a caller sends', () => {
  it.each([
    'nodejs',
    'a/b/c',
    '../../user',
    'a/..',
    'a/.',
    '/etc/passwd',
    'a/b?x=1',
    'a/b#c',
    'a/b%2f..',
    '@evil.example/x',
    'https://evil.example/x',
    '//evil.example/x',
    'a\\b/c',
    'a/b\r\nHost: evil.example',
    'a/b\n',
    `a/${'b'.repeat(101)}`,
    '',
    7,
    null,
    { toString: 'a/b' },
  ])('never chooses the host or the path: repository %j', async (repository) => {
    await expect(call('get_github_stars', { repository })).rejects.toMatchObject({
      code: 'arguments-invalid',
    })
    expect(fetched).toEqual([])
  })

  it.each([
    '..',
    '.hidden',
    '@a',
    '@a/..',
    '@a/b/c',
    'a/b',
    'react?x',
    'react#',
    'react%2f..',
    '@@evil.example/x',
    'http://evil.example',
    'a b',
    'x'.repeat(215),
    'react,vue',
  ])('nor: package %j', async (name) => {
    await expect(call('get_npm_downloads', { package: name })).rejects.toMatchObject({
      code: 'arguments-invalid',
    })
    expect(fetched).toEqual([])
  })

  it('takes no range and no argument it does not know', async () => {
    for (const args of [
      { package: 'react', range: '2020-01-01:2020-01-02' },
      { package: 'react', range: '../x' },
      { package: 'react', baseUrl: 'http://evil.example' },
    ])
      await expect(call('get_npm_downloads', args)).rejects.toMatchObject({
        code: 'arguments-invalid',
      })
    expect(fetched).toEqual([])
  })
})
