import { stringify } from 'csv-stringify/sync'
import type { ActivityFilter, Call, ExportFormat, ExportPlace } from '../contract/activity.ts'
import { passes } from '../contract/agreed/passes.ts'
import type { CallTable } from './call-table.ts'
import type { Links } from './chain/call-chain.ts'
import { matches, wordsOf } from './search/search-words.ts'
import { Slice } from './slice.ts'

/**
 * A part ends with so many characters, or when so many rows were gone over. Small, because V8 keeps three times as much memory as what is
 * alive for a while seems to need, and gives it back late.
 */
const most = { characters: 64_000, looked: 20_000 }
const chunk = 16

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
  ...['arguments', 'result', 'found', 'rule', 'link'],
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
  const { opening, textOf, closing } = forms[format]
  const slice = new Slice()
  let text = after.seq === 0 ? opening() : ''
  let looked = 0
  let { seq, rows } = after
  let isEnd = false
  while (text.length < most.characters && looked < most.looked && !isEnd) {
    const some = table.linked(seq, chunk)
    isEnd = some.length < chunk
    looked += some.length
    seq = some.at(-1)?.seq ?? seq
    const passing = some.filter(({ call }) => passes(call, filter) && matches(call, words)).map(exported)
    text += textOf(passing, rows === 0)
    rows += passing.length
    await slice.rest()
  }
  return { text: isEnd ? text + closing : text, next: isEnd ? null : { seq, rows }, rows }
}

const exported = ({ seq, call, links }: { seq: number; call: Call; links: Links | null }): ExportedCall => ({
  seq,
  ...call,
  link: links?.link ?? null,
})

interface Form {
  opening(): string
  /** `isFirst`: none came before them. */
  textOf(calls: readonly ExportedCall[], isFirst: boolean): string
  closing: string
}

const csv = (calls: readonly ExportedCall[], header = false): string =>
  stringify(
    calls.map((call) => ({ ...call, at: new Date(call.at).toISOString() })),
    { columns, header, escape_formulas: true, record_delimiter: 'windows' },
  )

const forms: Record<ExportFormat, Form> = {
  jsonl: {
    opening: () => '',
    textOf: (calls) => calls.map((call) => `${JSON.stringify(call)}\n`).join(''),
    closing: '',
  },
  json: {
    opening: () => '[',
    textOf: (calls, isFirst) =>
      calls.map((call, n) => `${isFirst && n === 0 ? '' : ','}\n${JSON.stringify(call)}`).join(''),
    closing: '\n]\n',
  },
  csv: { opening: () => csv([], true), textOf: (calls) => csv(calls), closing: '' },
}
