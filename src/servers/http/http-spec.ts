import { HostError } from '../../kernel/errors.ts'
import type { Route } from '../../net/network.ts'
import { httpFailure } from '../failures/http-failures.ts'
import type { AnswerBudget } from '../framing/answer-budget.ts'
import { type Hooks, timeIsUp } from '../session/connection.ts'
import type { Bearer } from '../sign-in/sign-ins.ts'
import type { Refusal } from './http-receivers.ts'

export interface HttpSpec {
  name: string
  url: string
  /** Out of the vault. */
  headers: Readonly<Record<string, string>>
  /** Not used when the user gave an `Authorization` header: that one is it, then. */
  signIn: Bearer | null
  version: string
  startTimeout: number
  /** Absent: the usual one, for it alone. */
  budget?: AnswerBudget
  /** Takes secrets out of what the server said, before it is quoted. */
  redact?(text: string): string
  /** How it is reached; left out: directly. */
  route?: Route
}

const aboutOf = (spec: HttpSpec) => ({ ...spec, proxy: spec.route?.proxy?.host })

/** Tells of the loss once, and not of one that was wanted. */
export function watchFor(spec: HttpSpec, hooks: Hooks) {
  let over = false
  const explain = (error: unknown, waited: number | null) => httpFailure(aboutOf(spec), error, waited)
  return {
    explain,
    onBroken: (error: unknown) => {
      if (over) return
      over = true
      hooks.onLost(explain(error, null))
    },
    stop: () => {
      over = true
    },
  }
}

export const startFailure = (spec: HttpSpec, hooks: Hooks, cause: unknown): HostError =>
  httpFailure(aboutOf(spec), cause, hooks.signal.reason === timeIsUp ? spec.startTimeout : null)

const hasKey = ({ headers }: HttpSpec) =>
  Object.keys(headers).some((name) => name.toLowerCase() === 'authorization')

export const signInOf = (spec: HttpSpec): Bearer | null => (hasKey(spec) ? null : spec.signIn)

/** What a 401 means to somebody who did give a key. */
export function refusedKey(spec: HttpSpec, { challenge, text }: Refusal): HostError | undefined {
  if (challenge.status !== 401 || !hasKey(spec)) return undefined
  return new HostError({
    code: 'server-refused',
    params: { name: spec.name },
    detail: text.slice(0, 1_000),
  })
}
