import { type Code, say } from '../../locales/say.ts'
import { visibleLine } from '../contract/agreed/visible-text.ts'
import { dayOf, timeOf } from '../contract/agreed/words/local-time.ts'

const gap = '  '

export type Heading = Code extends infer C ? (C extends `cli.heading.${infer Name}` ? Name : never) : never

/** Rows under headings, columns aligned, no colour. `width` cuts long lines (a terminal); without it nothing is cut. */
export function table(headings: (Heading | '')[], rows: string[][], width?: number): string[] {
  const lines = columns([headings.map(headingOf), ...rows.map((row) => row.map((cell) => visibleLine(cell)))])
  const cut = width === undefined ? lines : lines.map((line) => cutTo(line, width))
  return cut.some((line, i) => line !== lines[i]) ? [...cut, say('cli.linesEndInCut')] : cut
}

export const headingOf = (heading: Heading | ''): string =>
  heading === '' ? '' : say(`cli.heading.${heading}`)

/** Spaces as wide as a gap would make columns of one cell: of a name, others that are not so. */
const oneCell = (cell: string): string => cell.replace(/(?<= ) /g, '⟨U+0020⟩')

/** Texts that can be shown as they are, one below the other; only the last of a row can hold what looks like a gap. */
export function columns(given: string[][]): string[] {
  const rows = given.map((row) => row.map((cell, i) => (i === row.length - 1 ? cell : oneCell(cell))))
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
