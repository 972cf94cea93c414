import type { Client } from '@modelcontextprotocol/client'
import { HostError } from '../../kernel/errors.ts'
import { forLog } from '../../kernel/log/log.ts'
import type { Route } from '../../net/network.ts'
import { httpFailure } from '../failures/http-failures.ts'
import type { AnswerBudget } from '../framing/answer-budget.ts'
import { connect, type Hooks, timeIsUp } from '../session/connection.ts'
import type { RpcConnection } from '../session/rpc-connection.ts'
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

/** What both transports are told alike. */
export const transportOptions = (spec: HttpSpec, onBroken: (error: unknown) => void) => ({
  url: new URL(spec.url),
  headers: spec.headers,
  signIn: hasKey(spec) ? null : spec.signIn,
  route: spec.route,
  refused: (refusal: Refusal) => refusedKey(spec, refusal),
  onBroken,
  budget: spec.budget,
})

interface Parts {
  client: Client
  rpc: RpcConnection
  transport: { killNow(): void }
  watch: ReturnType<typeof watchFor>
}
/** Connects, or closes everything again and throws what kept it from that. */
export async function openConnection({ client, rpc, transport, watch }: Parts, spec: HttpSpec, hooks: Hooks) {
  const killNow = () => transport.killNow()
  const close = () => {
    watch.stop()
    return rpc.close()
  }
  hooks.onStarted(killNow)
  try {
    await connect(client, rpc, hooks, spec.startTimeout)
    spec.signIn?.accepted()
  } catch (cause) {
    await close()
    throw cause
  }
  return { client, rpc, explain: watch.explain, close, killNow }
}

export const startFailure = (spec: HttpSpec, hooks: Hooks, cause: unknown): HostError =>
  httpFailure(aboutOf(spec), cause, hooks.signal.reason === timeIsUp ? spec.startTimeout : null)

const hasKey = ({ headers }: HttpSpec) =>
  Object.keys(headers).some((name) => name.toLowerCase() === 'authorization')

/** What a 401 means to somebody who did give a key. */
function refusedKey(spec: HttpSpec, { challenge, text }: Refusal): HostError | undefined {
  if (challenge.status !== 401 || !hasKey(spec)) return undefined
  return new HostError({
    code: 'server-refused',
    params: { name: spec.name },
    detail: forLog(text),
  })
}
