import { describe, expect, it } from 'vitest'
import { differing, withChange } from './use-changes.ts'

const opened = { name: 'Notebook', access: 'everything', tools: ['a', 'b'] }

describe('what a form changes', () => {
  it('is what was touched, whatever became of the rest meanwhile', () => {
    const changed = withChange(opened, {}, { name: 'Diary' })
    const lowered = { ...opened, access: 'look', tools: ['a'] }
    expect(differing(lowered, changed)).toEqual({ name: 'Diary' })
  })

  it('is nothing of what was put back to what is', () => {
    const once = withChange(opened, {}, { name: 'Diary', access: 'ask' })
    expect(withChange(opened, once, { access: 'everything' })).toEqual({ name: 'Diary' })
    expect(withChange(opened, {}, { tools: ['a', 'b'] })).toEqual({})
  })

  it('is not what is so already, and again what was touched once that changes', () => {
    const changed = withChange(opened, {}, { access: 'look' })
    const same = { ...opened, access: 'look' }
    expect(differing(same, changed)).toEqual({})
    expect(differing(opened, withChange(same, changed, { name: 'Diary' }))).toEqual({
      ...{ name: 'Diary', access: 'look' },
    })
  })
})
