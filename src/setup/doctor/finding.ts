import { say } from '../../../locales/say.ts'
import type { Finding } from '../../contract/doctor.ts'
import type { ErrorReply } from '../../contract/errors.ts'
import type { Answered, Exchange } from './exchange.ts'
import { troubleWith } from './trouble.ts'

/** What one check came to. `received` stands in for what came back where that says less. */
export interface Verdict {
  state: Finding['state']
  received?: string
  problem?: ErrorReply
}

/** What is known before anything is asked. */
export interface Facts {
  /** The address as a person pastes it: the resource identifier, byte for byte (RFC 9728 §1.2). */
  url: string
  origin: string
  /** What `authorization_servers` and `issuer` must say, byte for byte. */
  issuer: string
  through: 'public' | 'local'
  instance: string
}

export const ok = (received?: string): Verdict => ({
  state: 'ok',
  ...(received === undefined ? {} : { received }),
})
export const failed = (code: string, message: string, hint: string): Verdict => ({
  state: 'failed',
  problem: { code, message, hint },
})
export const warning = (code: string, message: string, hint: string): Verdict => ({
  state: 'warning',
  problem: { code, message, hint },
})

/** What to do about an answer of ours that is not as it should be. */
export const restart = () => say('doctor.quitDrawbridgeAndStart')

/** Not tried, because what it needs did not work. */
export const notTried = (): Verdict => ({
  state: 'skipped',
  received: say('doctor.notTried'),
  problem: {
    code: 'not-tried',
    message: say('doctor.notTried.message'),
    hint: say('doctor.notTried.hint'),
  },
})

/** A finding about one exchange. What is wrong below the level of the check comes first: silence, pages, errors. */
export function about(
  id: string,
  title: string,
  exchange: Exchange | null,
  judge: (answer: Answered) => Verdict,
  expects: { page?: boolean } = {},
): Finding {
  if (exchange === null) return plain(id, title, '', notTried())
  const trouble = troubleWith(exchange, expects)
  const verdict: Verdict =
    trouble !== null
      ? { state: trouble.code === 'no-time' ? 'skipped' : 'failed', problem: trouble }
      : judge(exchange as Answered)
  const { sent, received, took } = exchange
  return { id, title, sent, received, took, ...verdict, problem: verdict.problem ?? null }
}

/** A finding about something that was not asked for by a request of its own. */
export const plain = (id: string, title: string, sent: string, verdict: Verdict): Finding => ({
  id,
  title,
  sent,
  received: verdict.received ?? '',
  took: 0,
  state: verdict.state,
  problem: verdict.problem ?? null,
})
