import { describe, expect, it } from 'vitest'
import { createRedactor } from '../../kernel/log/redact.ts'
import { createLogLines } from './log-lines.ts'

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
