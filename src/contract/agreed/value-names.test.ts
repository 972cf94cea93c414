import { expect, it } from 'vitest'
import { assignmentIn, isHeaderName, isVariableName } from './value-names.ts'

it('tells names of variables and of headers from what is none', () => {
  for (const name of ['API_KEY', '_x', 'a1', 'ProgramFiles(x86)', 'a.b'])
    expect(isVariableName(name), name).toBe(true)
  for (const name of ['', '1a', 'A-B', 'A B', 'A;B', 'A$B', 'Ä', 'A=B', '__proto__'])
    expect(isVariableName(name), name).toBe(false)
  for (const name of ['X-Api-Key', 'authorization', '!#$%']) expect(isHeaderName(name), name).toBe(true)
  for (const name of ['', 'a b', 'a:', 'ä', 'a\n', '__proto__']) expect(isHeaderName(name), name).toBe(false)
})

it('reads an assignment with all that stands behind the first equals sign', () => {
  expect(assignmentIn('A=b=c\nd')).toEqual({ name: 'A', value: 'b=c\nd' })
  expect(assignmentIn('A=')).toEqual({ name: 'A', value: '' })
  for (const word of ['A', '=b', '--a=b', '1=2']) expect(assignmentIn(word), word).toBeNull()
})
