import { describe, expect, it } from 'vitest'
import { errorText, HostError, toErrorReply } from './errors.ts'

describe('errors', () => {
  it('people get the message and the hint, and nothing of an error that was not written for them', () => {
    const error = new HostError({
      code: 'c',
      told: { message: 'm', hint: 'h' },
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
