import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { createFileLog } from './log.ts'
import { createRedactor } from './redact.ts'

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
