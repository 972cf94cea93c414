import type { Page } from '@playwright/test'
import { IntlMessageFormat } from 'intl-messageformat'
import en from '../../locales/en.json' with { type: 'json' }
import { stretched } from '../../locales/pseudo.ts'

type Elements = ReturnType<IntlMessageFormat['getAst']>
/** Words, and null for what is put between them. */
type Parts = (string | null)[]

const ASKS = new Set<PropertyKey>(['getByText', 'getByLabel', 'getByPlaceholder', 'getByRole'])
const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')

/** Every way a message can come out, as far as its own choices go. */
function waysOf(elements: Elements): Parts[] {
  return elements.reduce<Parts[]>(
    (ways, element) => {
      const next: Parts[] =
        'options' in element
          ? Object.values(element.options).flatMap((option) => waysOf(option.value))
          : 'children' in element
            ? waysOf(element.children)
            : [[element.type === 0 ? element.value : null]]
      return ways.flatMap((way) => next.map((more) => [...way, ...more]))
    },
    [[]],
  )
}

const ways = Object.values(en).flatMap((message) => waysOf(new IntlMessageFormat(message, 'en').getAst()))
const plain = (parts: Parts) => parts.map((part) => part ?? '…').join('')

/** What is asked for in English, or in the pseudo-locale. */
function translated(asked: string | RegExp, exact: boolean): RegExp {
  const found = ways.flatMap((parts) => {
    const whole = new RegExp(`^${parts.map((part) => (part === null ? '(.*?)' : escaped(part))).join('')}$`)
    const given = typeof asked === 'string' ? whole.exec(asked)?.slice(1) : undefined
    const within =
      typeof asked === 'string'
        ? !exact && plain(parts).toLowerCase().includes(asked.toLowerCase())
        : asked.test(plain(parts))
    if (parts.every((part) => part === null) || (!given && !within)) return []
    const values = [...(given ?? [])]
    const text = parts.map((part) =>
      part !== null ? escaped(stretched(part)) : given ? `(?:${escaped(values.shift()!)}|\\[.*\\])` : '.*',
    )
    return [`\\[${text.join('')}\\]`]
  })
  const own = typeof asked === 'string' ? escaped(asked) : asked.source
  const all = [...found, own].join('|')
  return new RegExp(exact ? `^(?:${all})$` : all)
}

/** A page that is shown in the pseudo-locale, and asked for its buttons and words in English. */
export function inEnglish<T extends object>(page: T): T {
  return new Proxy(page, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      return (...args: unknown[]) => {
        const given = ASKS.has(name) ? askedFor(args) : args
        const result: unknown = value.apply(target, given)
        const isLocator = typeof result === 'object' && result !== null && 'getByRole' in result
        return isLocator ? inEnglish(result) : result
      }
    },
  })
}

function askedFor([first, options]: unknown[]): unknown[] {
  const { name, exact, ...rest } = (options ?? {}) as { name?: string | RegExp; exact?: boolean }
  // A role is no text.
  if (name !== undefined) return [first, { ...rest, name: translated(name, exact === true) }]
  const isRole = typeof first === 'string' && /^[a-z]+$/.test(first)
  return isRole
    ? [first, rest]
    : [translated(first as Parameters<Page['getByText']>[0], exact === true), rest]
}
