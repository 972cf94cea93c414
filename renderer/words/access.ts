import type { Access } from '../../src/contract/access.ts'
import type { Call } from '../../src/contract/activity.ts'
import type { Server } from '../../src/contract/servers.ts'
import type { Risk } from '../../src/contract/tools.ts'

export const ACCESS_WORDS: Record<Access, { label: string; text: string }> = {
  look: {
    label: 'Look only',
    text: 'It can read. Anything that would change something is refused.',
  },
  ask: {
    label: 'Ask before changes',
    text: 'It can read. Before anything is changed, you are asked each time.',
  },
  everything: {
    label: 'Everything',
    text: 'It can read and change things without asking you.',
  },
}

export const ACCESS_ORDER = ['look', 'ask', 'everything'] as const satisfies readonly Access[]

export const RISK_WORDS: Record<
  Risk,
  { label: string; tone: 'neutral' | 'warn' | 'danger'; sentence: string }
> = {
  read: { label: 'Reads', tone: 'neutral', sentence: 'This only reads; it should not change anything.' },
  write: { label: 'Changes things', tone: 'warn', sentence: 'This changes something.' },
  destructive: {
    label: 'Can delete',
    tone: 'danger',
    sentence: 'This can delete or overwrite something, possibly for good.',
  },
}

export const SERVER_WORDS: Record<
  Server['state'],
  { label: string; tone: 'ok' | 'neutral' | 'warn' | 'danger' }
> = {
  draft: { label: 'Not started yet', tone: 'warn' },
  running: { label: 'Running', tone: 'ok' },
  downloading: { label: 'Downloading…', tone: 'neutral' },
  starting: { label: 'Starting…', tone: 'neutral' },
  waiting: { label: 'Trying again soon', tone: 'warn' },
  failed: { label: 'Not working', tone: 'danger' },
  stopped: { label: 'Stopped', tone: 'neutral' },
  'signed-out': { label: 'Needs you to sign in', tone: 'warn' },
}

/** What became of a call, in a few words, and how it should look. */
export function outcomeWords(call: Pick<Call, 'outcome' | 'decision'>): {
  label: string
  tone: 'ok' | 'neutral' | 'warn' | 'danger'
} {
  switch (call.outcome) {
    case 'running':
      return { label: 'Running…', tone: 'neutral' }
    case 'answered':
      return { label: call.decision === 'approved' ? 'Allowed by you' : 'Answered', tone: 'ok' }
    case 'failed':
      return { label: 'Did not work', tone: 'danger' }
    case 'denied':
      return { label: call.decision === 'refused' ? 'Refused' : 'Not allowed', tone: 'warn' }
    case 'pending':
      return { label: 'Waited for you', tone: 'warn' }
    case 'cancelled':
      return { label: 'Cancelled', tone: 'neutral' }
  }
}

export const DECISION_WORDS: Record<Call['decision'], string> = {
  allowed: 'Allowed by its access level',
  approved: 'Allowed by you, once',
  denied: 'Not allowed by you',
  pending: 'Waited for your answer',
  refused: 'Refused by its access level',
}
