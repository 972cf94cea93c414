import type { random } from '../../src/oauth/testing/hostile-requests.ts'
import { isObject, type Raw, TwiceKeyed, Verbatim } from './raw-json.ts'

export type Random = ReturnType<typeof random>
export type Path = readonly (string | number)[]

/** What is done to one field. `nulled` and `dropped` must come to the same wherever a field may be absent. */
const fieldChanges = ['nulled', 'dropped', 'retyped', 'duplicated', 'unknown beside it'] as const
type FieldChange = (typeof fieldChanges)[number]

export interface FieldMutation {
  change: FieldChange
  path: Path
  /** What it was made, or what was put beside it. */
  value: unknown
}

const deep = (levels: number): unknown => (levels === 0 ? 1 : { a: [deep(levels - 1)] })
/** Deeper than anything that is read. */
export const tooDeep = deep(80)
/** Values of every kind, and some that are hardly one. */
const others: readonly unknown[] = [
  ...[0, -1, 1.5, true, false, '', 'x', 'null', [], [null], {}, { type: null }, [[]], [{}]],
  ...[
    new Verbatim('9007199254740993'),
    new Verbatim('1e400'),
    new Verbatim('"\\ud800"'),
    new Verbatim('"\\u0000"'),
  ],
  ...['x'.repeat(5_000), '<b>&"\u202e', deep(8), tooDeep, { __proto__: null, constructor: 1 }],
]
const unknownNames = [
  'x-new',
  'unknown',
  'kind',
  'extra_2027',
  '$ref',
  'constructor',
  '__proto__',
  'toString',
  '',
]

/** Every place in a value, its own first; `[]` is the whole. */
export function places(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path]
  const inside = Object.entries(value).flatMap(([key, one]) =>
    places(one, [...path, Array.isArray(value) ? Number(key) : key]),
  )
  return [path, ...inside]
}

const kindOf = (value: unknown): string =>
  Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value

/** A change at one of `paths` of `whole`. */
export function pickFieldMutation(r: Random, whole: unknown, paths: readonly Path[]): FieldMutation {
  const path = r.pick(paths)
  const change = r.pick(fieldChanges)
  const was = kindOf(valueAt(whole, path))
  const value = r.pick(change === 'retyped' ? others.filter((one) => kindOf(one) !== was) : others)
  return { change, path, value }
}

const valueAt = (whole: unknown, path: Path): unknown =>
  path.reduce<unknown>((value, key) => (value as Raw | undefined)?.[key], whole)

/** A copy of `whole` with the change. */
export function mutate(whole: unknown, { change, path, value }: FieldMutation): unknown {
  const [key, ...rest] = path
  if (key === undefined) return changedWhole(whole, change, value)
  if (rest.length > 0) {
    const child = mutate((whole as Raw)[key], { change, path: rest, value })
    return replaced(whole, key, child)
  }
  if (Array.isArray(whole)) return changedList(whole, Number(key), change, value)
  const owner = whole as Raw
  if (change === 'nulled') return { ...owner, [key]: null }
  if (change === 'dropped') return without(owner, String(key))
  if (change === 'retyped') return { ...owner, [key]: value }
  if (change === 'duplicated') return new TwiceKeyed(owner, String(key), value)
  return withUnknown(owner, String(key), value)
}

function changedWhole(whole: unknown, change: FieldChange, value: unknown): unknown {
  if (change === 'nulled') return null
  if (change === 'dropped') return undefined
  if (change === 'retyped') return value
  if (change === 'duplicated') return [whole, whole]
  return isObject(whole) ? withUnknown(whole, 'x', value) : whole
}

function changedList(list: readonly unknown[], at: number, change: FieldChange, value: unknown): unknown[] {
  const before = list.slice(0, at)
  const after = list.slice(at + 1)
  if (change === 'nulled') return [...before, null, ...after]
  if (change === 'dropped') return [...before, ...after]
  if (change === 'retyped') return [...before, value, ...after]
  if (change === 'duplicated') return [...before, list[at], list[at], ...after]
  return [...before, list[at], value, ...after]
}

function replaced(owner: unknown, key: string | number, child: unknown): unknown {
  if (Array.isArray(owner)) return owner.map((one, at) => (at === key ? child : one))
  return { ...(owner as Raw), [key]: child }
}

function without(owner: Raw, name: string): Raw {
  const { [name]: _, ...rest } = owner
  return rest
}

/** Own fields, whatever they are called. */
function withUnknown(owner: Raw, near: string, value: unknown): Raw {
  const name = unknownNames[near.length % unknownNames.length]!
  return Object.fromEntries([...Object.entries(owner), [name, value]])
}

export const told = ({ change, path, value }: FieldMutation): string => {
  const shown = change === 'retyped' || change === 'duplicated' ? ` (${describe(value)})` : ''
  return `${path.length === 0 ? 'all of it' : path.join('.')} ${change}${shown}`
}
const describe = (value: unknown): string =>
  (value instanceof Verbatim ? value.json : (JSON.stringify(value) ?? 'undefined')).slice(0, 60)
