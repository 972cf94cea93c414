import { say } from '../../../locales/say.ts'
import type { Finding } from '../../../src/contract/doctor.ts'
import type { BadgeTone } from '../../ui/badge.tsx'
import type { IconName } from '../../ui/icon.tsx'
import { listWords } from '../../words/limits.ts'

const LOOKS: Record<Finding['state'], { icon: IconName; tone: BadgeTone }> = {
  ok: { icon: 'check', tone: 'ok' },
  warning: { icon: 'warning', tone: 'warn' },
  failed: { icon: 'cross', tone: 'danger' },
  skipped: { icon: 'info', tone: 'neutral' },
}

export const findingWords = (state: Finding['state']) => ({
  label: say(`doctor.${state}.label`),
  ...LOOKS[state],
})

/** "12 fine, 1 could be better and 2 do not work". */
export function countsWords(findings: readonly Pick<Finding, 'state'>[]): string {
  const parts = (['ok', 'warning', 'failed', 'skipped'] as const).flatMap((state) => {
    const count = findings.filter((finding) => finding.state === state).length
    return count > 0 ? [say(`doctor.${state}.count`, { count })] : []
  })
  return listWords(parts)
}
