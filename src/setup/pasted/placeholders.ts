import { say } from '../../../locales/say.ts'
import { namesSecret } from '../../contract/agreed/shown-value.ts'
import type { PastedAsk, PastedText } from '../../contract/pasted.ts'
import { isSecretName } from '../../kernel/log/secret-shapes.ts'
import type { PasteInput } from './raw-server.ts'

/** What stands for something else in a text, and what it stands for. */
interface Mark {
  text: string
  /** `API_KEY`, `your project`; empty: the place it stands in says it. */
  label: string
  /** Refers to a variable or input: the same one is asked for once, wherever it stands. */
  reference: boolean
  preset: string
}

/**
 * Shapes of placeholders, the more telling first. Group `n` is what it is called, `d` what it is when nobody says anything. Where the
 * way of writing has a name of its own (`${…}`) it is a reference.
 *
 * No part that repeats may take the same text in two ways, alone or with its neighbour: a text made for it would hold everything up.
 */
const references = [
  /\$\{\{\s*(?:secrets\.|inputs\.|env\.)?(?<n>[\w.-]+)\s*\}\}/, // Continue
  /\$\{(?:input|env|secret|user_config|config|prompt|promptString)[:.](?<n>[\w.-]+)(?::-?(?<d>[^}]*))?\}/, // VS Code, Cursor, bundles
  /\{(?:env|input|secret):(?<n>[\w.-]+)\}/, // OpenCode
  /\$\{(?<n>[A-Za-z_][\w.-]*)(?::?[-=](?<d>[^}]*))?\}/,
  /\$env:(?<n>[A-Za-z_]\w*)/, // PowerShell
  /(?<!\\)\$(?<n>[A-Z_][A-Z0-9_]+)(?![A-Za-z0-9_])/,
  /%(?<n>[A-Z_][A-Z0-9_]{2,})%/, // cmd
]
const fillers = [
  /\{\{\s*(?<n>[\w.-](?:[\w .-]{0,58}?[\w.-])?)\s*\}\}/,
  /<(?<n>[A-Za-z][\w .,/:'’-]{0,60})>/,
  /\[(?<n>(?:your|insert|enter|paste|add)\b[^\]\n]{1,50})\]/i,
  /\{(?<n>[A-Z][A-Z0-9_]{2,}|(?:your|insert|enter)[\w -]{1,50})\}/i,
  /(?:(?:[A-Za-z]:)?(?<![\\/])[\\/]+|(?<![\w.\\/-]))(?:(?:absolute|full|your|my|real|local|some)[\\/_-]+)?path[\\/_-]+to(?:[\\/_-][^\s:"'=,;]*)?/i,
  /(?:[A-Za-z]:)?(?<![\\/])[\\/]+(?:Users|home)[\\/]+(?:username|you|user[-_]name|your[-_]?(?:user)?[-_]?name|your[-_]user)(?![\w.-])[^\s:"'=,;]*/i,
  /(?<![A-Za-z0-9])(?:YOUR|ENTER|INSERT|REPLACE|PASTE)[_-][A-Za-z0-9_-]{0,60}[A-Za-z0-9](?![A-Za-z0-9])/,
  /(?<![A-Za-z0-9])MY[_-](?:[A-Z0-9]{1,30}[_-]){0,10}(?:KEY|TOKEN|SECRET|PASSWORD)(?![A-Za-z0-9_])/,
  /(?<![A-Za-z0-9])your[-_ ](?:[a-z0-9]{1,30}[-_ ]){0,6}[a-z0-9]{1,30}(?![A-Za-z0-9_-])/i,
  /(?<![A-Za-z0-9])[Yy]our[A-Z][A-Za-z0-9]+/,
  /(?<![A-Za-z0-9])(?:[A-Za-z0-9]{1,30}[-_]){1,8}here(?![A-Za-z0-9_-])/i,
  /(?<![A-Za-z0-9])(?:CHANGE[_-]?(?:ME|IT|THIS)|REPLACE[_-]?(?:ME|THIS)|FILL[_-]?ME[_-]?IN|TODO|PLACEHOLDER)(?![A-Za-z0-9_-])/i,
  /(?<![A-Za-z0-9])(?:[A-Za-z0-9]{1,12}[-_]){0,4}[A-Za-z]{0,6}(?:x{3}|X{3}|\*{3}|•{3})[xX*•]*(?:[-_.][xX*•]+)*(?:\.{3}|…)?(?![A-Za-z0-9_])/,
]
const shapes = [...references, ...fillers].map((shape) => new RegExp(shape.source, `${shape.flags}g`))
/** `$AB`. */
const shortest = 3
/** Longer values are texts of their own, such as a certificate; nothing is looked for in them. */
const longest = 1_000

/** Nothing but a word for what belongs there; only where the name says that a secret does. */
const onlyAWord =
  /^(?:(?:the|an?|my|some)[-_ ])?(?:api[-_ ]?)?(?:key|token|secret|password|value|string|none|null|example|demo|dummy|test|abc123?|123456?|sk-123456?|fake)(?:[-_ ](?:key|token|secret|password|value))?$|(?:^|[-_])(?:\.{3}|…)$|^[\w-]{0,24}(?:\.{3}|…)$/i

/** The two rules there are: of what is shown, and of what is logged. */
export const isSecret = (name: string): boolean => namesSecret(name) || isSecretName(name)

/** Collects what is asked for in one server. */
export interface Asks {
  /** `where`: in words, which most values never need; `name`: of the variable or header it stands in. */
  text(value: string, where: () => string, name?: string): PastedText
  /** A value that is missing altogether. */
  whole(label: string, where: string, name: string, required: boolean): PastedText
  all(): PastedAsk[]
}

export function createAsks(inputs: ReadonlyMap<string, PasteInput>): Asks {
  const asks = new Map<string, PastedAsk>()

  const ask = (mark: Mark, where: string, name: string, required = true): { ask: string } => {
    const label = mark.label || name || (/[\\/]/.test(mark.text) ? say('pasted.folderOrFile') : where)
    const input = mark.reference ? inputs.get(mark.label) : undefined
    const id = mark.reference ? label : `${label} (${where})`
    const known = asks.get(id)
    if (known) return { ask: id }
    asks.set(id, {
      id,
      label,
      where,
      required,
      secret:
        input?.secret ??
        (isSecret(label) || isSecret(name) || /\b(?:api[-_ ]?key|token|secret|password)\b/i.test(label)),
      example: mark.text,
      description: input?.description ?? null,
      preset: input?.preset || mark.preset,
      choices: input?.choices ?? null,
    })
    return { ask: id }
  }

  return {
    text(value, where, name = '') {
      const secretPlace = isSecret(name)
      if (value !== '' && ((secretPlace && onlyAWord.test(value)) || (name !== '' && value === name)))
        return [ask({ text: value, label: '', reference: false, preset: '' }, where(), name)]
      const pieces: PastedText = []
      let from = 0
      for (const [mark, at] of marksOf(value)) {
        if (at > from) pieces.push(value.slice(from, at))
        pieces.push(ask(mark, where(), name))
        from = at + mark.text.length
      }
      if (from < value.length || pieces.length === 0) pieces.push(value.slice(from))
      return pieces
    },
    whole: (label, where, name, required) => [
      ask({ text: '', label, reference: true, preset: '' }, where, name, required),
    ],
    all: () => [...asks.values()],
  }
}

/** All placeholders of a text from left to right, with where they begin. Program text in backticks has none. */
function marksOf(value: string): [Mark, number][] {
  if (value.length < shortest || value.length > longest || value.includes('`')) return []
  const all: { match: RegExpExecArray; rank: number }[] = []
  // `matchAll` would copy each of them for each value.
  shapes.forEach((shape, rank) => {
    for (let match = shape.exec(value); match; match = shape.exec(value)) all.push({ match, rank })
  })
  all.sort((a, b) => a.match.index - b.match.index || a.rank - b.rank)
  const found: [Mark, number][] = []
  let end = 0
  for (const { match, rank } of all) {
    const { 0: text, index, groups } = match
    if (index < end || text === '') continue
    end = index + text.length
    const reference = rank < references.length
    const label = groups?.n ?? ''
    if (!reference && label === '' && !/[\\/]/.test(text)) {
      // `xoxb-your-bot-token`: nobody has only its end.
      const before =
        /(?<![A-Za-z0-9_-])[A-Za-z0-9_-]*$/.exec(value.slice(found.at(-1)?.[1] ?? 0, index))?.[0] ?? ''
      const after = /^[A-Za-z0-9_-]*/.exec(value.slice(end))?.[0] ?? ''
      end += after.length
      found.push([
        { text: before + text + after, label: wordsOf(before + text + after), reference, preset: '' },
        index - before.length,
      ])
      continue
    }
    found.push([
      { text, label: reference ? label : wordsOf(label || text), reference, preset: groups?.d ?? '' },
      index,
    ])
  }
  return found
}

/** What it says, if that is words: of `xxx` and of a path nothing is left. */
function wordsOf(text: string): string {
  if (/^[\\/]|^[A-Za-z]:|path[\\/]+to[\\/]|[*•…]|\.\.\.|xxx/i.test(text)) return ''
  return text
}

/** Whether any of it stands for something else. */
export const hasPlaceholder = (text: string): boolean => marksOf(text).length > 0
