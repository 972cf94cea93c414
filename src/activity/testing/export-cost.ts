import type { ExportPlace } from '../../contract/activity.ts'
import type { Activity } from '../activity.ts'

/** What the first `most` rows of an export cost. Milliseconds; bytes, `grown`: how much more memory the program had meanwhile. */
export async function exportCost(activity: Pick<Activity, 'export'>, most: number) {
  global.gc?.()
  const before = process.memoryUsage().rss
  const began = performance.now()
  let [rows, written, highest] = [0, 0, before]
  for (let after: ExportPlace | null = { seq: 0, rows: 0 }; after !== null && rows < most; ) {
    const part: Awaited<ReturnType<Activity['export']>> = await activity.export({ format: 'jsonl', after })
    written += part.text.length
    ;({ rows, next: after } = part)
    highest = Math.max(highest, process.memoryUsage().rss)
  }
  return { rows, written, grown: highest - before, took: performance.now() - began }
}
