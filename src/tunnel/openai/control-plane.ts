import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseJson } from '../../kernel/exact-json.ts'
import { connectionFailure } from '../../net/connection-failures.ts'
import { directly, type Network } from '../../net/network.ts'
import { readText } from '../../net/network-fetch.ts'
import { readRetryAfter } from '../../net/retry-after.ts'
import { createPublicFetch, isHere, lookup } from '../public-fetch.ts'
import { TunnelFailure } from '../tunnel-failure.ts'
import { mostBody, readCommands, type TunnelAnswer, type TunnelCommand } from './commands.ts'
import { refusalOf } from './refusals.ts'

/** What one poll may bring; the service takes no more. */
export const mostCommands = 25
/** How long a poll may wait for work, and how much longer for its answer before the connection counts as dead. Milliseconds. */
const pollWait = 20_000
const pollGrace = 10_000
/** Bytes. Of an answer to a question of ours a little is enough. */
const mostPolled = mostCommands * mostBody
const mostAnswered = 64_000
/** Tries of an answer, and the pauses between them, ms: what is late is worth nothing, so that there are few. */
const tries = 5
const firstPause = 250
const longestPause = 8_000
/** An answer without a limit of its own is not delivered for ever. Milliseconds. */
const deliverWithin = 60_000

interface Place {
  /** Base address of OpenAI's API. */
  base: string
  tunnelId: string
  key: string
  /** Whose the key is, where it belongs to several; '' otherwise. */
  organization: string
  network: Network | undefined
  now(): number
}

/** How an answer ended: `gone`: nobody waits for it any more; `too-large`: the service does not take so much. */
type Delivery = 'delivered' | 'gone' | 'too-large' | 'given-up'

/** OpenAI's end of a tunnel: asked for work, and told what came of it. The key is in a header, and nowhere else. */
export class ControlPlane {
  readonly #place: Place
  readonly #url: string
  readonly #headers: Readonly<Record<string, string>>
  // Connections are kept: each answer would have to make one otherwise.
  #net: ReturnType<typeof createPublicFetch>
  /** Those of before, until nothing is under way on them. */
  #left: Promise<unknown> = Promise.resolve()

  /** Throws TunnelFailure `tunnel-host-invalid`. */
  constructor(place: Place) {
    const { base, tunnelId, key, organization, network = directly } = place
    const at = URL.parse(base)
    // A key must not go out unencrypted, nor to wherever a base leads that is more than a host.
    if (at === null || at.pathname !== '/' || (at.protocol !== 'https:' && !isHere(at.hostname)))
      throw new TunnelFailure({ code: 'tunnel-host-invalid', detail: base })
    this.#place = place
    this.#url = `${at.origin}/v1/tunnels/${tunnelId}`
    this.#net = createPublicFetch(network, lookup, 1)
    this.#headers = {
      authorization: `Bearer ${key}`,
      accept: 'application/json',
      'user-agent': 'drawbridge',
      'x-tunnel-client-name': 'drawbridge',
      'x-tunnel-client-instance-id': randomUUID(),
      'x-tunnel-client-wire-protocol-version': '2026-08-25',
      'x-tunnel-mcp-server-info': channels,
      ...(organization !== '' && { 'openai-organization': organization }),
    }
  }

  /**
   * Asks for work, and waits for some as long as `wait` says, ms, and the service likes. `at`: when it was received, as
   * `performance.now()` counts. Throws TunnelFailure.
   */
  async poll(
    { limit, wait = pollWait }: { limit: number; wait?: number },
    signal: AbortSignal,
  ): Promise<{ at: number; commands: TunnelCommand[] }> {
    const dead = AbortSignal.timeout(wait + pollGrace)
    const response = await this.#ask(`${this.#url}/poll?limit=${limit}&timeout_ms=${wait}`, {
      signal: AbortSignal.any([signal, dead]),
    })
    const at = performance.now()
    if (response.status === 204) return { at, commands: [] }
    if (response.status !== 200) throw await this.#refusal(response)
    const commands = await readCommands(await this.#bytes(response, mostPolled))
    if (commands === null) throw away({ detail: '200 without commands' })
    return { at, commands }
  }

  /** Says what came of a command. Throws TunnelFailure when the key or the tunnel is no longer taken. */
  async answer(command: TunnelCommand, answer: TunnelAnswer, signal: AbortSignal): Promise<Delivery> {
    const body = JSON.stringify({
      request_id: command.requestId,
      channel: command.channel,
      ...(answer.json !== undefined && { resp_json: answer.json }),
      resp_headers: answer.headers ?? {},
      resp_code: answer.status,
      resp_type: answer.type,
    })
    const until = AbortSignal.any([signal, AbortSignal.timeout(deliverWithin)])
    for (let failures = 0; ; failures += 1) {
      const tried = await this.#post(command, body, until)
      if (typeof tried === 'string') return tried
      // What is only on the way may come twice, if it is sent twice.
      const again = answer.type !== 'jsonrpc_notify' || tried.refused
      if (!again || failures + 1 === tries) return 'given-up'
      const pause = Math.max(tried.wait, Math.min(firstPause * 2 ** failures, longestPause))
      try {
        await sleep(pause * (1 + Math.random() / 4), undefined, { signal: until })
      } catch {
        return 'given-up'
      }
    }
  }

  /** The connections of before may be dead without a word: what is asked from now on has others. */
  renew(): void {
    this.#left = Promise.all([this.#left, this.#net.close()])
    this.#net = createPublicFetch(this.#place.network, lookup, 1)
  }

  async close(): Promise<void> {
    await Promise.all([this.#left, this.#net.close()])
  }

  async #post(
    { shardToken }: TunnelCommand,
    body: string,
    signal: AbortSignal,
  ): Promise<Delivery | { refused: boolean; wait: number }> {
    let response: Response
    try {
      response = await this.#ask(`${this.#url}/response`, { body, shardToken, signal })
    } catch {
      return signal.aborted ? 'given-up' : { refused: false, wait: 0 }
    }
    const { status } = response
    const wait = Math.min(
      readRetryAfter(response.headers.get('retry-after'), this.#place.now()) ?? 0,
      longestPause,
    )
    if (status === 401 || status === 403) throw await this.#refusal(response)
    await response.body?.cancel().catch(() => {})
    if (status < 300) return 'delivered'
    if (status === 404) return 'gone'
    if (status === 413) return 'too-large'
    return [408, 429, 502, 503, 504].includes(status) ? { refused: status === 429, wait } : 'given-up'
  }

  /** Throws TunnelFailure `tunnel-unreachable`. Redirects are not followed: they would take the key along. */
  async #ask(
    url: string,
    { signal, body, shardToken }: { signal: AbortSignal; body?: string; shardToken?: string },
  ): Promise<Response> {
    try {
      return await this.#net.fetch(url, {
        headers: {
          ...this.#headers,
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(shardToken !== undefined && { 'x-tunnel-shard-token': shardToken }),
        },
        redirect: 'manual',
        signal,
        ...(body !== undefined && { method: 'POST', body }),
      })
    } catch (cause) {
      throw unreachable(new URL(url).host, cause)
    }
  }

  /** Throws TunnelFailure `tunnel-unreachable`, also when there are more of them. */
  async #bytes(response: Response, limit: number): Promise<Buffer> {
    const chunks: Uint8Array[] = []
    let size = 0
    try {
      for await (const chunk of response.body ?? []) {
        chunks.push(chunk)
        size += chunk.byteLength
        if (size > limit) break
      }
    } catch (cause) {
      throw unreachable(new URL(this.#url).host, cause)
    }
    if (size > limit) throw away({ detail: `200 with more than ${limit} bytes` })
    return Buffer.concat(chunks)
  }

  async #refusal(response: Response): Promise<TunnelFailure> {
    const { status, headers } = response
    const body = parseJson(await readText(response, mostAnswered).catch(() => ''))
    const now = this.#place.now()
    return refusalOf({ status, body, wait: readRetryAfter(headers.get('retry-after'), now) }, now)
  }
}

/** The second is for signing in; that its work stays with one process is so by itself, there is no other. */
const channels = JSON.stringify({
  version: 1,
  channels: [{ name: 'main' }, { name: 'harpoon', proc_affinity: true }],
})

const away = (about: { detail: string }) =>
  new TunnelFailure({ code: 'tunnel-unreachable', says: 'tunnel-openai-away', ...about })

function unreachable(host: string, cause: unknown): TunnelFailure {
  const way = connectionFailure({ host, isHttps: true }, cause)
  const about = { detail: host, cause }
  if (way?.kind !== 'certificate' && way?.kind !== 'proxy')
    return new TunnelFailure({ code: 'tunnel-unreachable', ...about })
  const params = { why: way.message, whatToDo: way.hint }
  return new TunnelFailure({ code: 'tunnel-unreachable', says: 'tunnel-unreachable-way', params, ...about })
}
