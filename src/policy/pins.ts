import type { Difference, Risk } from '../contract/tools.ts'
import { isRawNumber } from '../kernel/exact-json.ts'
import type { Facts } from '../mcp/decision.ts'
import type { KeptDefinition, PinnedDefinition, ServerIdentity } from '../mcp/pinned.ts'
import { riskOf } from './risk.ts'

/** A pin is what the owner took a tool to be. One that is another now, or was never looked at, is off until he has looked. */
export const isPinned = ({ accepted }: Facts): boolean => accepted === true

/** Why a tool is off until its owner has looked at it; null: it is what he took it for. */
export type Unpinned = 'identity' | 'new' | 'changed' | null

/** `isServerHeld`: of its server's identity something is another that must be looked at first. */
export function unpinned(tool: { isServerHeld: boolean; isNew: boolean; isSame: boolean }): Unpinned {
  if (tool.isServerHeld) return 'identity'
  if (tool.isNew) return 'new'
  return tool.isSame ? null : 'changed'
}

const identityParts = ['command', 'origin', 'version', 'instructions'] as const

/** What of a server is another than its owner took it for. What was not known then is no difference. */
export const identityDifferences = (pin: ServerIdentity, now: ServerIdentity): Difference[] =>
  identityParts
    .map((what) => ({ what, name: null, before: pin[what] ?? null, now: now[what] ?? null }))
    .filter(({ before, now: is }) => before !== null && is !== before)
    // One that does not run has not said what it says of itself.
    .filter(({ what, now: is }) => is !== null || what === 'command' || what === 'origin')

/**
 * Whether it takes the tools with it: another program or place always does, another version where its owner wants to be asked. Other words
 * for assistants are withheld by themselves.
 */
export const holdsTools = (differences: readonly Difference[], newVersions: 'tell' | 'ask'): boolean =>
  differences.some(({ what }) => what !== 'instructions' && (what !== 'version' || newVersions === 'ask'))

/** Of a text that is shown for comparing, in characters. */
const longestText = 20_000

/** What is another in a definition, what matters most first. `before` null: it is not known any more. Never empty. */
export function differences(before: KeptDefinition | null, now: PinnedDefinition): Difference[] {
  if (before === null) return [one('unknown', null, null, json(now))]
  if ('cut' in before) return [one('unknown', null, before.cut, json(now))]
  const found = [
    ...claimDifferences(before, now),
    ...argumentDifferences(before, now),
    ...textDifference('description', before.description, now.description),
    ...textDifference('title', before.title, now.title),
    ...textDifference('result', before.outputSchema, now.outputSchema),
    ...textDifference('hints', otherHints(before), otherHints(now)),
  ]
  return found.length > 0 ? found : [one('unknown', null, json(before), json(now))]
}

const one = (
  what: Difference['what'],
  name: string | null,
  before: string | null,
  now: string | null,
): Difference => ({ what, name, before: cut(before), now: cut(now) })

const cut = (text: string | null) => (text === null ? null : text.slice(0, longestText))
const json = (value: unknown): string => JSON.stringify(sorted(value), null, 2) ?? ''
const textOf = (value: unknown): string | null =>
  value === undefined || value === null ? null : typeof value === 'string' ? value : json(value)

/** The order of members is no difference. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || isRawNumber(value)) return value
  if (Array.isArray(value)) return value.map(sorted)
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(members.map(([key, member]) => [key, sorted(member)]))
}

function textDifference(what: Difference['what'], before: unknown, now: unknown): Difference[] {
  const [was, is] = [textOf(before), textOf(now)]
  return was === is ? [] : [one(what, null, was, is)]
}

const says: Record<Risk, Difference['what']> = { read: 'reads', write: 'writes', destructive: 'destroys' }

/** What it says it does at worst. */
function claimDifferences(before: PinnedDefinition, now: PinnedDefinition): Difference[] {
  const [was, is] = [riskOf(before.annotations), riskOf(now.annotations)]
  return [
    ...(was.risk === is.risk ? [] : [one(says[is.risk], null, was.risk, is.risk)]),
    ...(was.openWorld === is.openWorld ? [] : [one(is.openWorld ? 'outside' : 'inside', null, null, null)]),
  ]
}

/** Hints in which the claim does not show. */
function otherHints({ annotations = {} }: PinnedDefinition): object | undefined {
  const { readOnlyHint: _read, destructiveHint: _destructive, openWorldHint: _open, ...rest } = annotations
  return Object.keys(rest).length === 0 ? undefined : rest
}

type Schema = Record<string, unknown>
const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function argumentsOf({ inputSchema }: PinnedDefinition) {
  const { properties, required, ...rest } = (isSchema(inputSchema) ? inputSchema : {}) as Schema
  return {
    properties: isSchema(properties) ? properties : {},
    required: new Set(Array.isArray(required) ? required : []),
    rest,
  }
}

function argumentDifferences(beforeTool: PinnedDefinition, nowTool: PinnedDefinition): Difference[] {
  const [before, now] = [argumentsOf(beforeTool), argumentsOf(nowTool)]
  const names = new Set([...Object.keys(now.properties), ...Object.keys(before.properties)])
  const found: Difference[] = []
  for (const name of names) {
    const has = [before, now].map(({ properties }) => Object.hasOwn(properties, name))
    const [was, is] = [textOf(before.properties[name]), textOf(now.properties[name])]
    if (!has[0]) found.push(one('argument-added', name, null, is))
    else if (!has[1]) found.push(one('argument-removed', name, was, null))
    else if (was !== is) found.push(argumentDifference(name, before.properties[name], now.properties[name]))
    if (has[0] && has[1] && before.required.has(name) !== now.required.has(name))
      found.push(one(now.required.has(name) ? 'argument-required' : 'argument-optional', name, null, null))
  }
  return [...found, ...textDifference('arguments', before.rest, now.rest)]
}

/** Where only its description is another, that one alone. */
function argumentDifference(name: string, before: unknown, now: unknown): Difference {
  if (isSchema(before) && isSchema(now)) {
    const [{ description: was, ...rest }, { description: is, ...other }] = [before, now]
    if (json(rest) === json(other) && typeof was === 'string' && typeof is === 'string')
      return one('argument-description', name, was, is)
  }
  return one('argument-changed', name, textOf(before), textOf(now))
}
