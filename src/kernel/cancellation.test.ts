import { describe, expect, it } from 'vitest'
import { abortSignalOf, Cancellation } from './cancellation.ts'

describe('a cancellation', () => {
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
