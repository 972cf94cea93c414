import type { Finding } from '../../../src/contract/doctor.ts'
import type { BadgeTone } from '../../ui/badge.tsx'
import type { IconName } from '../../ui/icon.tsx'
import { listWords } from '../../words/limits.ts'

export const FINDING_WORDS: Record<Finding['state'], { label: string; icon: IconName; tone: BadgeTone }> = {
  ok: { label: 'Fine', icon: 'check', tone: 'ok' },
  warning: { label: 'Could be better', icon: 'warning', tone: 'warn' },
  failed: { label: 'Does not work', icon: 'cross', tone: 'danger' },
  skipped: { label: 'Not tried', icon: 'info', tone: 'neutral' },
}

/** "12 fine, 1 could be better and 2 do not work". */
export function countsWords(findings: readonly Pick<Finding, 'state'>[]): string {
  const count = (state: Finding['state']) => findings.filter((finding) => finding.state === state).length
  const failed = count('failed')
  const parts = [
    [count('ok'), 'fine'],
    [count('warning'), 'could be better'],
    [failed, failed === 1 ? 'does not work' : 'do not work'],
    [count('skipped'), 'not tried'],
  ] as const
  return listWords(parts.filter(([n]) => n > 0).map(([n, words]) => `${n} ${words}`))
}
