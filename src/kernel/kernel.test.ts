import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { abortSignalOf, Cancellation } from './cancellation.ts'
import { Emitter } from './emitter.ts'
import { errorText, HostError, toErrorReply } from './errors.ts'
import { newDigits, newId, newTimedId, newToken, sameText, sha256 } from './ids.ts'
import { createFileLog } from './log.ts'
import { createRedactor } from './redact.ts'
import { shorten } from './shorten.ts'
import { type Tracked, TrackedSet } from './tracked-set.ts'

const folder = mkdtempSync(join(tmpdir(), 'drawbridge-kernel-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('log', () => {
  it.skipIf(process.platform === 'win32')('is not written through a link', () => {
    const file = join(folder, 'linked.log')
    const elsewhere = join(folder, 'elsewhere')
    writeFileSync(elsewhere, 'mine')
    symlinkSync(elsewhere, file)
    createFileLog(file, createRedactor()).info('one')
    expect(readFileSync(elsewhere, 'utf8')).toBe('mine')
  })

  it('writes redacted lines of JSON that only the owner can read', () => {
    const file = join(folder, 'a.log')
    const redactor = createRedactor()
    redactor.add('canary-secret')
    const log = createFileLog(file, redactor, () => 0)
    log.info('started', { password: 'x', text: 'has canary-secret\ninside' })
    log.error('failed', { error: new Error('with canary-secret') })
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
    expect(lines).toHaveLength(2)
    expect(JSON.parse(lines[0]!)).toEqual({
      at: '1970-01-01T00:00:00.000Z',
      level: 'info',
      event: 'started',
      password: '[redacted]',
      text: 'has [redacted]\ninside',
    })
    expect(lines.join()).not.toContain('canary-secret')
    expect(statSync(file).mode & 0o077).toBe(0)
  })

  it('starts anew when it is large, and goes on when the old file vanished', () => {
    const file = join(folder, 'b.log')
    writeFileSync(file, 'x'.repeat(5_000_001))
    const log = createFileLog(file, createRedactor())
    log.info('one')
    expect(statSync(`${file}.1`).size).toBe(5_000_001)
    expect(statSync(file).size).toBeLessThan(200)

    writeFileSync(file, 'x'.repeat(5_000_001))
    const other = createFileLog(file, createRedactor())
    rmSync(file)
    other.info('two')
    other.info('three')
    expect(readFileSync(file, 'utf8').trimEnd().split('\n')).toHaveLength(2)
  })

  it('a file that cannot be written does not stop the host', () => {
    const log = createFileLog(join(folder, 'missing', 'c.log'), createRedactor())
    expect(() => log.info('one')).not.toThrow()
    expect(existsSync(join(folder, 'missing'))).toBe(false)
  })
})

describe('errors', () => {
  it('people get the message and the hint, and nothing of an error that was not written for them', () => {
    const error = new HostError({
      code: 'c',
      message: 'm',
      hint: 'h',
      detail: '/secret/path',
      cause: new Error('x'),
    })
    expect(toErrorReply(error)).toEqual({ code: 'c', message: 'm', hint: 'h' })
    expect(JSON.stringify(toErrorReply(new Error('at /home/me/file.ts')))).not.toContain('/home/me')
    expect(toErrorReply(undefined).code).toBe('internal')
  })

  it('errorText takes anything that can be thrown', () => {
    expect(errorText('text')).toBe('text')
    expect(errorText(null)).toBe('null')
    expect(errorText(new Error('boom'))).toContain('boom')
  })
})

describe('emitter', () => {
  it('a listener that throws does not stop the others', () => {
    const errors: unknown[] = []
    const events = new Emitter<{ tick: number }>((error) => errors.push(error))
    const seen: number[] = []
    events.on('tick', () => {
      throw new Error('mine')
    })
    const off = events.on('tick', (n) => seen.push(n))
    events.emit('tick', 1)
    off()
    events.emit('tick', 2)
    expect(seen).toEqual([1])
    expect(errors).toHaveLength(2)
  })

  it('a listener may leave while it is told', () => {
    const events = new Emitter<{ tick: number }>()
    const seen: string[] = []
    const off = events.on('tick', () => {
      seen.push('a')
      off()
    })
    events.on('tick', () => void seen.push('b'))
    events.emit('tick', 1)
    events.emit('tick', 2)
    expect(seen).toEqual(['a', 'b', 'b'])
  })
})

describe('ids', () => {
  it('do not repeat and have their shape', () => {
    expect(new Set(Array.from({ length: 10_000 }, () => newId('x'))).size).toBe(10_000)
    expect(newId('call')).toMatch(/^call_[0-9a-f]{24}$/)
    expect(newToken()).toMatch(/^[\w-]{43}$/)
    expect(newDigits()).toMatch(/^\d{3}$/)
  })

  it('texts are compared whole', () => {
    expect(sameText('a', 'a')).toBe(true)
    expect(sameText('a', 'ab')).toBe(false)
    expect(sha256('a')).toMatch(/^[\w-]{43}$/)
  })
})

describe('shorten', () => {
  it('never cuts a character in half', () => {
    const text = '😀'.repeat(10)
    for (let max = 1; max < 20; max += 1) {
      const short = shorten(text, max)
      expect(short.isWellFormed()).toBe(true)
      expect(short).toContain('20 characters')
    }
    expect(shorten(text, 20)).toBe(text)
    expect(shorten('abc', 3)).toBe('abc')
  })
})

describe('roster', () => {
  it('is a set, whatever comes and goes', () => {
    const one = fc.nat(9).map((which) => ({ which, comes: true }))
    const other = fc.nat(9).map((which) => ({ which, comes: false }))
    fc.assert(
      fc.property(fc.array(fc.oneof(one, other)), (steps) => {
        const all = Array.from({ length: 10 }, (_, name): Tracked & { name: number } => ({ place: -1, name }))
        const tracked = new TrackedSet<(typeof all)[number]>()
        const model = new Set<number>()
        for (const { which, comes } of steps) {
          const item = all[which]!
          if (!comes) expect(tracked.delete(item)).toBe(model.delete(which))
          else if (!model.has(which)) {
            tracked.add(item)
            model.add(which)
          }
          expect(tracked.size).toBe(model.size)
          expect(new Set(tracked.all().map(({ name }) => name))).toEqual(model)
          expect(all.filter((each) => tracked.has(each)).map(({ name }) => name)).toEqual([...model].sort())
          expect(tracked.find(({ name }) => name === which)).toBe(model.has(which) ? item : undefined)
        }
      }),
    )
  })
})

describe('cut', () => {
  it('tells everybody once, and nobody who has left', () => {
    const cancellation = new Cancellation()
    const heard: string[] = []
    const first = () => heard.push('first')
    const second = () => heard.push('second')
    cancellation.addEventListener('abort', first)
    cancellation.addEventListener('abort', first)
    cancellation.addEventListener('abort', second)
    cancellation.removeEventListener('abort', second)
    expect([cancellation.aborted, cancellation.reason]).toEqual([false, undefined])
    cancellation.abort(new Error('enough'))
    cancellation.abort(new Error('again'))
    cancellation.addEventListener('abort', second)
    expect([heard, cancellation.aborted, cancellation.reason]).toEqual([['first'], true, new Error('enough')])
  })

  it('becomes a real signal for who needs one', () => {
    const before = new Cancellation()
    const signal = abortSignalOf(before)
    expect([signal.aborted, abortSignalOf(signal)]).toEqual([false, signal])
    before.abort()
    expect(signal.reason).toMatchObject({ name: 'AbortError' })
    expect(abortSignalOf(before).aborted).toBe(true)
  })
})

describe('an id with its time', () => {
  it('begins with the milliseconds, so that later ones stand later, and has 48 random bits', () => {
    const at = 1_800_000_000_123.9
    const ids = Array.from({ length: 600 }, () => newTimedId('call', at))
    for (const id of ids) expect(id).toMatch(/^call_01a3185c507b[0-9a-f]{12}$/)
    expect(new Set(ids).size).toBe(600)
    expect(newTimedId('call', at + 1) > ids[0]!).toBe(true)
    // A clock before 1970 is no reason to lose a row.
    expect(newTimedId('call', -5)).toMatch(/^call_0{12}/)
  })
})
