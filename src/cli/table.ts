import { type Code, say } from '../../locales/say.ts'
import { visibleLine } from '../contract/agreed/visible-text.ts'
import { dayOf, timeOf } from '../contract/agreed/words/local-time.ts'

const gap = '  '

export type Heading = Code extends infer C ? (C extends `cli.heading.${infer Name}` ? Name : never) : never

/** In characters: what every name of a tool fits into. One longer cell would push all others off the screen, in every row. */
const longestCell = 64

/** Rows under headings, columns aligned, no colour. `width` cuts long cells and lines (a terminal); without it nothing is cut. */
export function table(headings: (Heading | '')[], rows: string[][], width?: number): string[] {
  const all = [headings.map(headingOf), ...rows.map((row) => row.map((cell) => visibleLine(cell)))]
  if (width === undefined) return columns(all)
  const lines = columns(all, longestCell)
  const cut = lines.map((line) => cutTo(line, width))
  const isCut = cut.some((line, i) => line !== lines[i]) || all.some((row) => tooLong(row))
  return isCut ? [...cut, say('cli.linesEndInCut')] : cut
}

export const headingOf = (heading: Heading | ''): string =>
  heading === '' ? '' : say(`cli.heading.${heading}`)

/** Spaces as wide as a gap would make columns of one cell: of a name, others that are not so. */
const oneCell = (cell: string): string => cell.replace(/(?<= ) /g, '⟨U+0020⟩')

const tooLong = (row: string[]): boolean =>
  row.slice(0, -1).some((cell) => [...oneCell(cell)].length > longestCell)

/**
 * Texts that can be shown as they are, one below the other; only the last of a row can hold what looks like a gap, and be longer than
 * `longest` characters.
 */
export function columns(given: string[][], longest = Number.POSITIVE_INFINITY): string[] {
  const rows = given.map((row) =>
    row.map((cell, i) => (i === row.length - 1 ? cell : cutTo(oneCell(cell), longest))),
  )
  const wide = (column: number) => Math.max(...rows.map((row) => [...(row[column] ?? '')].length))
  const widths = (rows[0] ?? []).map((_cell, column) => wide(column))
  return rows.map((row) =>
    row
      .map((cell, i) => (i === row.length - 1 ? cell : cell + ' '.repeat(widths[i]! - [...cell].length)))
      .join(gap)
      .trimEnd(),
  )
}

const cutTo = (line: string, width: number): string => {
  const letters = [...line]
  return letters.length > width ? `${letters.slice(0, width - 1).join('')}…` : line
}

/** Names on the left, values on the right; an empty value leaves the line out. */
export function facts(pairs: [string, string | null | undefined][]): string[] {
  const shown = pairs.filter((pair): pair is [string, string] => Boolean(pair[1]))
  const wide = Math.max(0, ...shown.map(([name]) => name.length))
  return shown.map(([name, value]) => `${name.padEnd(wide)}${gap}${visibleLine(value)}`)
}

/** `2026-11-21 14:05` in local time; a dash for never. */
export function when(time: number | null): string {
  if (time === null) return '-'
  return `${dayOf(time)} ${timeOf(time)}`
}
