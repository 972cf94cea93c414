import { downloadWords } from '../../src/contract/first-start.ts'
import type { Server, ServerHealth } from '../../src/contract/servers.ts'
import { dayAndTime, took } from './time.ts'

const counted = (count: number, one: string, many: string) =>
  count === 0 ? [] : [count === 1 ? `1 ${one}` : `${count.toLocaleString('en')} ${many}`]

/** "12 tools, 3 documents, 2 prompts"; null when it offers nothing at the moment. */
export function offerWords(server: Pick<Server, 'tools' | 'resources' | 'prompts'>): string | null {
  const words = [
    ...counted(server.tools, 'tool', 'tools'),
    ...counted(server.resources, 'document', 'documents'),
    ...counted(server.prompts, 'prompt', 'prompts'),
  ]
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
            ? `It usually answers in ${took(median)}, now and then in ${took(p95)}.`
            : `It answers in ${took(median)}.`,
        ]
  const asked =
    health.requests === 0
      ? []
      : [
          health.requests === 1
            ? '1 request so far.'
            : `${health.requests.toLocaleString('en')} requests so far.`,
        ]
  const trouble =
    lastError !== null
      ? lastError.message === told
        ? []
        : [`Last trouble ${dayAndTime(lastError.at, now)}: ${lastError.message}`]
      : health.requests > 0
        ? ['No trouble so far.']
        : []
  return [...speed, ...asked, ...trouble]
}

/** What the state means, for those that do not explain themselves. */
export const STATE_TEXT: Record<Server['state'], string> = {
  draft: 'Nothing of it was started yet; look at it first.',
  stopped: 'It is switched off. Nobody can use its tools until you start it.',
  downloading: downloadWords,
  starting: 'It is being started.',
  running: 'It works, and those you gave access can use it.',
  waiting: 'It stopped by itself, and is started again after a while, or once the network is back.',
  failed: 'It does not work. Drawbridge has given up trying by itself.',
  'signed-out': 'It works only after you have signed in to it with your browser.',
}

const TRANSPORTS = {
  stdio: 'directly with the program (stdio)',
  'streamable-http': 'over the web (Streamable HTTP)',
  sse: 'over the web, the older way (HTTP with SSE)',
} as const

/** What is spoken with it; null before anything was. */
export function spokenWords(server: Pick<Server, 'transport' | 'protocol' | 'protocolSince'>, now: number) {
  if (server.transport === null && server.protocol === null) return null
  const words = [
    server.protocol !== null && `MCP of ${server.protocol}`,
    server.transport !== null && TRANSPORTS[server.transport],
    server.protocolSince !== null && `since ${dayAndTime(server.protocolSince, now).replace(/^on /, '')}`,
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

/** Choices of a time limit in milliseconds, with the one in use among them. */
export function limitChoices(current: number): { value: string; label: string }[] {
  const usual = [10_000, 30_000, 60_000, 120_000, 300_000, 600_000]
  return [...new Set([...usual, current])]
    .sort((a, b) => a - b)
    .map((ms) => ({ value: String(ms), label: limitWords(ms) + (ms === 30_000 ? ' (usual)' : '') }))
}

function limitWords(ms: number): string {
  if (ms % 60_000 === 0) return ms === 60_000 ? '1 minute' : `${ms / 60_000} minutes`
  return ms === 1_000 ? '1 second' : `${Number((ms / 1_000).toFixed(1))} seconds`
}
