import type { ActivityFilter, ExportFormat } from '../../../src/contract/activity.ts'
import type { Output } from '../../../src/contract/api.ts'
import { ask } from '../../pipe/host.tsx'
import type { ShellPipe } from '../../pipe/shell-pipe.ts'

const TYPES: Record<ExportFormat, string> = {
  csv: 'text/csv',
  json: 'application/json',
  jsonl: 'application/jsonl',
}
/** How long the browser may take to begin with the file. */
const KEEP_MS = 60_000

interface Asked {
  format: ExportFormat
  search?: string
  filter?: ActivityFilter
}

/**
 * Gets the log part by part and hands the browser a file of it. The page holds one part at a time: the rest is the browser's, on disk
 * where it is much. Stopped, it hands over nothing.
 */
export async function saveLog(
  pipe: ShellPipe,
  asked: Asked,
  name: string,
  { onRows, signal }: { onRows(rows: number): void; signal: AbortSignal },
): Promise<void> {
  const parts: Blob[] = []
  let after: Output<'activity.export'>['next'] = { seq: 0, rows: 0 }
  while (after !== null) {
    const part: Output<'activity.export'> = await ask(pipe, 'activity.export', { ...asked, after })
    if (signal.aborted) return
    parts.push(new Blob([part.text]))
    after = part.next
    onRows(part.rows)
  }
  const url = URL.createObjectURL(new Blob(parts, { type: TYPES[asked.format] }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), KEEP_MS)
}
