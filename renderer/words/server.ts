import { say } from '../../locales/say.ts'
import { downloadWords } from '../../src/contract/agreed/first-start.ts'
import type { Server, ServerHealth } from '../../src/contract/servers.ts'
import { numberChoices } from './number-choices.ts'
import { dayAndTime, dayOrTime, took } from './time.ts'

/** "12 tools, 3 documents, 2 prompts"; null when it offers nothing at the moment. */
export function offerWords(server: Pick<Server, 'tools' | 'resources' | 'prompts'>): string | null {
  const words = (['tools', 'resources', 'prompts'] as const).flatMap((kind) =>
    server[kind] === 0 ? [] : [say(`offers.${kind}`, { count: server[kind] })],
  )
  return words.length === 0 ? null : words.join(', ')
}

/** How it is doing, one sentence each; empty when nothing is known yet. `told`: the trouble that is shown already. */
export function healthWords(health: ServerHealth, now: number, told: string | null = null): string[] {
  const { median, p95, lastError } = health
  const speed =
    median === null
      ? []
      : [
          p95 !== null && p95 > 2 * median && p95 - median > 20
            ? say('health.uneven', { usually: took(median), slow: took(p95) })
            : say('health.even', { usually: took(median) }),
        ]
  const asked = health.requests === 0 ? [] : [say('health.requests', { count: health.requests })]
  const trouble =
    lastError !== null
      ? lastError.message === told
        ? []
        : [say('health.trouble', { when: dayAndTime(lastError.at, now), what: lastError.message })]
      : health.requests > 0
        ? [say('health.noTrouble')]
        : []
  return [...speed, ...asked, ...trouble]
}

/** What the state means, for those that do not explain themselves. */
export const stateText = (state: Server['state']): string =>
  state === 'downloading' ? downloadWords() : say(`serverState.${state}.text`)

/** What is spoken with it; null before anything was. */
export function spokenWords(server: Pick<Server, 'transport' | 'protocol' | 'protocolSince'>, now: number) {
  const { transport, protocol, protocolSince } = server
  if (transport === null && protocol === null) return null
  const words = [
    protocol !== null && say('spoken.protocol', { protocol }),
    transport !== null && say(`spoken.${transport}`),
    protocolSince !== null && say('spoken.since', { when: dayOrTime(protocolSince, now) }),
  ]
  return words.filter(Boolean).join(', ')
}

/** The address to hand to a browser, or null: https only, and no user names that dress up a host. */
export function browserUrl(text: string | null): string | null {
  if (text === null || !URL.canParse(text)) return null
  const url = new URL(text)
  return url.protocol === 'https:' && url.username === '' && url.password === '' ? url.href : null
}

/** The host to show for an address: what decides whom one talks to. */
export const hostOf = (text: string | null): string =>
  text !== null && URL.canParse(text) ? new URL(text).host : (text ?? '')

const TIME_LIMITS = [10_000, 30_000, 60_000, 120_000, 300_000, 600_000]

/** Choices of a time limit in milliseconds, with the one in use among them. */
export const limitChoices = (current: number) =>
  numberChoices(TIME_LIMITS, current, (ms) =>
    ms === 30_000 ? say('common.usual', { value: limitWords(ms) }) : limitWords(ms),
  )

const limitWords = (ms: number): string =>
  ms % 60_000 === 0
    ? say('duration.minutes', { count: ms / 60_000 })
    : say('duration.seconds', { count: Number((ms / 1_000).toFixed(1)) })
