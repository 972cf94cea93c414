import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { Cancellation } from '../../kernel/cancellation.ts'
import { createRedactor } from '../../kernel/redact.ts'
import { searchPath } from '../../system/search-path.ts'
import { createLogLines } from '../failures/log-lines.ts'
import { answeredId, LineSplitter, type Overlong } from '../framing/line-splitter.ts'
import { slugOf } from '../registry/slug.ts'
import { RequestMeta } from '../session/request-meta.ts'
import { CrashHistory } from './backoff.ts'

describe('slugOf', () => {
  it('makes short ASCII names without the separator', () => {
    const none = new Set<string>()
    expect(slugOf('My Files', none)).toBe('my-files')
    expect(slugOf('Élan__vital', none)).toBe('elan_vital')
    expect(slugOf('日本', none)).toBe('server')
    expect(slugOf('a'.repeat(40), none)).toBe('a'.repeat(20))
    expect(slugOf(`${'a'.repeat(18)} _x`, none)).toBe('a'.repeat(18))
  })

  it('never gives one twice', () => {
    const taken = new Set<string>()
    for (let count = 0; count < 120; count += 1) {
      const slug = slugOf('A very long name of a server', taken)
      expect(slug).toMatch(/^[a-z0-9](?:[a-z0-9_-]{0,18}[a-z0-9])?$/)
      expect(taken.has(slug)).toBe(false)
      taken.add(slug)
    }
  })
})

describe('LineSplitter', () => {
  const split = (maxBytes: number, chunks: string[]) => {
    const lines: string[] = []
    const overlong: Overlong[] = []
    const splitter = new LineSplitter(
      maxBytes,
      (line) => lines.push(line),
      (line) => overlong.push(line),
    )
    for (const chunk of chunks) splitter.push(Buffer.from(chunk))
    splitter.end()
    return { lines, overlong }
  }

  it('joins what was cut, wherever it was cut', () => {
    const text = 'first\r\nsécond ü\n\nthird'
    for (let size = 1; size < 12; size += 1) {
      const bytes = Buffer.from(text)
      const lines: string[] = []
      const splitter = new LineSplitter(
        100,
        (line) => lines.push(line),
        () => {},
      )
      for (let from = 0; from < bytes.length; from += size) splitter.push(bytes.subarray(from, from + size))
      splitter.end()
      expect(lines).toEqual(['first', 'sécond ü', 'third'])
    }
  })

  it('drops a long line and reads the next', () => {
    const { lines, overlong } = split(10, ['short\n', 'x'.repeat(8), 'y'.repeat(2_000), 'z\nnext\n'])
    expect(lines).toEqual(['short', 'next'])
    expect(overlong).toHaveLength(1)
    expect(overlong[0]!.bytes).toBe(2_009)
    expect(overlong[0]!.head.startsWith('xxxxxxxxy')).toBe(true)
    expect(overlong[0]!.tail.endsWith('yz')).toBe(true)
  })

  it('tells which call an overlong line answered, and is not fooled by the content', () => {
    const overlong = (line: string) => answeredId({ head: line.slice(0, 256), tail: line.slice(-256) })
    const filler = 'x'.repeat(1_000)
    expect(overlong(`{"jsonrpc":"2.0","id":7,"result":{"t":"${filler}"}}`)).toBe(7)
    expect(overlong(`{"result":{"t":"${filler}"},"jsonrpc":"2.0","id":8}`)).toBe(8)
    expect(overlong(`{"result":{"t":"${filler}","a":{"id":9}},"jsonrpc":"2.0"}`)).toBeNull()
    expect(overlong(`{"method":"x","params":{"t":"${filler}","id":9}}`)).toBeNull()
  })
})

describe('log lines', () => {
  it('keeps the last 200, redacted and without escapes', () => {
    const redactor = createRedactor()
    redactor.add('hush-hush')
    const lines = createLogLines(redactor)
    lines.add('\u001b[31mthe word is hush-hush\u001b[0m\u202e')
    expect(lines.all()).toEqual(['the word is [redacted]'])
    for (let count = 0; count < 300; count += 1) lines.add(`line ${count}`)
    expect(lines.all()).toHaveLength(200)
    expect(lines.all().at(-1)).toBe('line 299')
    lines.add('x'.repeat(5_000))
    expect(lines.all().at(-1)!.length).toBe(2_000)
  })

  it('finds the telling line of a crash', () => {
    const reason = (...written: string[]) => {
      const lines = createLogLines(createRedactor())
      lines.begin()
      for (const line of written) lines.add(line)
      return lines.reason()
    }
    expect(reason('ready', 'TypeError: x is not a function', '    at a (b.js:1:1)', 'Node.js v24.0.0')).toBe(
      'TypeError: x is not a function',
    )
    expect(reason('Traceback', 'ValueError: no key')).toBe('ValueError: no key')
    expect(reason('usage: server DIR')).toBe('usage: server DIR')
    expect(reason()).toBe('')
  })
})

describe('crash history', () => {
  it('waits 1, 2, 4, 8 s and gives up at the fifth in ten minutes', () => {
    const history = new CrashHistory(1_000, 5)
    expect([1, 2, 3, 4, 5].map((minute) => history.add(minute * 60_000))).toEqual([
      1_000,
      2_000,
      4_000,
      8_000,
      null,
    ])
  })

  it('forgets what is ten minutes old, and never waits longer than 30 s', () => {
    const history = new CrashHistory(1_000, 5)
    expect([0, 11, 22, 33, 44, 55].map((minute) => history.add(minute * 60_000))).toEqual(
      Array(6).fill(1_000),
    )
    const patient = new CrashHistory(1_000, null)
    expect([1, 2, 3, 4, 5, 6, 7].map((second) => patient.add(second)).at(-1)).toBe(30_000)
  })
})

describe('search path', () => {
  const home = mkdtempSync(join(tmpdir(), 'drawbridge-path-'))
  afterAll(() => rmSync(home, { recursive: true, force: true }))
  const shell = (name: string, script: string) => {
    const file = join(home, name)
    writeFileSync(file, `#!/bin/sh\n${script}\n`)
    chmodSync(file, 0o755)
    return file
  }

  it('adds what the login shell knows and the usual places, and drops relative entries', async () => {
    mkdirSync(join(home, '.local/bin'), { recursive: true })
    for (const version of ['v9.1.0', 'v22.3.0'])
      mkdirSync(join(home, '.nvm/versions/node', version, 'bin'), { recursive: true })
    const SHELL = shell('noisy', 'echo "welcome!"; PATH="/from/shell:$PATH"; eval "$2"; echo bye')
    const path = await searchPath({
      HOME: home,
      PATH: ['/usr/bin', '.', '', 'node_modules/.bin'].join(delimiter),
      SHELL,
    })
    expect(path[0]).toBe('/from/shell')
    expect(path).toContain('/usr/bin')
    expect(path).toContain(join(home, '.local/bin'))
    expect(path.indexOf(join(home, '.nvm/versions/node/v22.3.0/bin'))).toBeLessThan(
      path.indexOf(join(home, '.nvm/versions/node/v9.1.0/bin')),
    )
    expect(path).toContain(join(process.execPath, '..'))
    expect(path.every((entry) => entry.startsWith('/'))).toBe(true)
    expect(new Set(path).size).toBe(path.length)
  })

  it('works with the real shell, and without one that fails or never ends', async () => {
    expect(await searchPath({ HOME: home, PATH: '/usr/bin:/bin', SHELL: '/bin/bash' })).toContain('/usr/bin')
    expect(await searchPath({ HOME: home, PATH: '/usr/bin', SHELL: shell('failing', 'exit 1') })).toContain(
      '/usr/bin',
    )
    expect(await searchPath({ HOME: home, PATH: '/usr/bin', SHELL: '/no/such/shell' })).toContain('/usr/bin')
    const begun = performance.now()
    expect(await searchPath({ HOME: home, PATH: '/usr/bin', SHELL: shell('stuck', 'sleep 60') })).toContain(
      '/usr/bin',
    )
    expect(performance.now() - begun).toBeLessThan(5_000)
  })
})

describe('what requests of 2026-07-28 say about the client', () => {
  const level = 'io.modelcontextprotocol/logLevel'
  const asked = {
    signal: new Cancellation(),
    client: 'one',
    capabilities: { sampling: {} },
    logLevel: 'debug' as const,
  }

  it('says how much to log only to a server that logs', () => {
    const requestMeta = new RequestMeta({ name: 'drawbridge', version: '1' })
    requestMeta.protocol = '2026-07-28'
    expect(requestMeta.of(asked)).toEqual({
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': { name: 'drawbridge', version: '1' },
      'io.modelcontextprotocol/clientCapabilities': { sampling: {} },
      [level]: 'debug',
    })
    requestMeta.logs = false
    expect(requestMeta.of(asked)).not.toHaveProperty([level])
    requestMeta.logs = true
    expect(requestMeta.of(asked)).toHaveProperty([level], 'debug')
  })

  it('never mixes up clients, versions or progress', () => {
    const requestMeta = new RequestMeta({ name: 'drawbridge', version: '1' })
    requestMeta.protocol = '2026-07-28'
    const first = requestMeta.of(asked)
    expect(requestMeta.of(asked)).toBe(first)
    expect(requestMeta.of({ ...asked, capabilities: {} })).toMatchObject({
      'io.modelcontextprotocol/clientCapabilities': {},
    })
    expect(requestMeta.of(asked, 7)).toEqual({ ...first, progressToken: 7 })
    expect(first).not.toHaveProperty('progressToken')
    requestMeta.protocol = '2027-01-01'
    expect(requestMeta.of(asked)).toMatchObject({ 'io.modelcontextprotocol/protocolVersion': '2027-01-01' })
  })
})
