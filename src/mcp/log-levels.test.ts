import { expect, it } from 'vitest'
import { levelNamed } from './log-levels.ts'

it.each([
  ['WARN', 'warning'],
  [' Info ', 'info'],
  ['fatal', 'critical'],
  ['loud', 'loud'],
  ['constructor', 'constructor'],
  [5, 5],
])('the level %j is %j', (given, expected) => expect(levelNamed(given)).toBe(expected))
