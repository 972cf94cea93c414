import { describe, expect, it } from 'vitest'
import { Emitter } from './emitter.ts'

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
