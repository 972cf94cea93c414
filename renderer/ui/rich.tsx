import { Fragment, type ReactElement, type ReactNode } from 'react'
import { type Code, saidParts, type Values } from '../../locales/say.ts'

type Part = ReactElement

const keyed = (parts: readonly ReactNode[]): Part => (
  <>
    {parts.map((part, index) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts of a sentence have no other identity than their place
      <Fragment key={index}>{part}</Fragment>
    ))}
  </>
)

/** A sentence with parts of the page in it, such as names of strangers or words that are set apart. */
export function rich<C extends Code>(code: C, ...[values]: Values<C, Part>): Part {
  const given = Object.entries((values ?? {}) as Record<string, unknown>).map(([name, value]) => [
    name,
    typeof value === 'function' ? (words: Part[]) => value(keyed(words)) : value,
  ])
  return keyed(saidParts<C, Part>(code, ...([Object.fromEntries(given)] as unknown as Values<C, Part>)))
}
