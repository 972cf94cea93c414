import { stringify } from 'csv-stringify/sync'
import type { ActivityFilter, Call, ExportFormat, ExportPlace } from '../contract/activity.ts'
import { passes } from '../contract/agreed/passes.ts'
import type { Links } from './call-chain.ts'
import type { CallTable } from './call-table.ts'
import { matches, wordsOf } from './search-words.ts'
import { Slice } from './slice.ts'

/** A part ends with so many rows or characters, or when so many rows were gone over. */
const most = { rows: 500, characters: 1_000_000, looked: 20_000 }
const chunk = 50

/** A row of the log and where it stands in the chain; `link`: null when it is older than that. */
type ExportedCall = Call & { seq: number; link: string | null }

const columns = [
  ...[
    'seq',
    'id',
    'at',
    'clientName',
    'grantId',
    'tool',
    'source',
    'risk',
    'decision',
    'outcome',
    'duration',
    'error',
  ],
  ...['arguments', 'result', 'found', 'link'],
]

interface Asked {
  format: ExportFormat
  search?: string | undefined
  filter?: ActivityFilter | undefined
  /** How far it got. */
  after?: ExportPlace | undefined
}

/** A part of the log, oldest first; whoever wants all of it asks again with what `next` says, so that nobody holds it whole. */
export async function exportPart(
  table: CallTable,
  { format, search = '', filter = {}, after = { seq: 0, rows: 0 } }: Asked,
): Promise<{ text: string; next: ExportPlace | null; rows: number }> {
  const words = wordsOf(search)
  const found: ExportedCall[] = []
  const slice = new Slice()
  let looked = 0
  let characters = 0
  let { seq } = after
  let isEnd = false
  while (found.length < most.rows && characters < most.characters && looked < most.looked && !isEnd) {
    const rows = table.linked(seq, chunk)
    isEnd = rows.length < chunk
    looked += rows.length
    for (const row of rows) {
      seq = row.seq
      if (!passes(row.call, filter) || !matches(row.call, words)) continue
      found.push(exported(row))
      characters += row.call.arguments.length + (row.call.result?.length ?? 0) + 300
    }
    await slice.rest()
  }
  const all = after.rows + found.length
  return {
    text: textOf[format](found, after, isEnd),
    next: isEnd ? null : { seq, rows: all },
    rows: all,
  }
}

const exported = ({ seq, call, links }: { seq: number; call: Call; links: Links | null }): ExportedCall => ({
  seq,
  ...call,
  link: links?.link ?? null,
})

type ToText = (calls: readonly ExportedCall[], after: ExportPlace, isEnd: boolean) => string

const json: ToText = (calls, { seq, rows }, isEnd) => {
  const list = calls.map((call, n) => `${rows + n === 0 ? '' : ','}\n${JSON.stringify(call)}`).join('')
  return `${seq === 0 ? '[' : ''}${list}${isEnd ? '\n]\n' : ''}`
}

const textOf: Record<ExportFormat, ToText> = {
  jsonl: (calls) => calls.map((call) => `${JSON.stringify(call)}\n`).join(''),
  json,
  csv: (calls, { seq }) =>
    stringify(
      calls.map((call) => ({ ...call, at: new Date(call.at).toISOString() })),
      { columns, header: seq === 0, escape_formulas: true, record_delimiter: 'windows' },
    ),
}
