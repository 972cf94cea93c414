import type { Metric, Samples } from './measure/samples.ts'
import { otherGateways } from './parts.ts'

export interface Promised {
  words: string
  /** What was measured; empty when it was not. */
  measured: string
  /** Null when it was not measured. */
  held: boolean | null
}

const megabyte = 1_000_000

/** What we promise about speed, each beside what this run measured. */
export function promises(samples: Samples): Promised[] {
  const value = samples.median
  const ratio = (part: string, metric: Metric, other: string, name = 'ours'): number | null => {
    const [mine, theirs] = [value(part, name, metric), value(part, other, metric)]
    return mine === null || theirs === null ? null : mine / theirs
  }
  const besideBest = (part: string): Promised => {
    const found = otherGateways.flatMap((name) => {
      const perSecond = value(part, name, 'perSecond')
      return perSecond === null ? [] : [{ name, perSecond }]
    })
    const best = found.sort((a, b) => b.perSecond - a.perSecond)[0]
    const times = best ? ratio(part, 'perSecond', best.name) : null
    const concurrency = part.split(' ')[1]
    return {
      words: `Stdio upstream, ${concurrency} calls at a time: at least 1.5 × the calls/s of the best other gateway`,
      measured: times === null ? '' : `${times.toFixed(2)} × ${best!.name}`,
      held: times === null ? null : times >= 1.5,
    }
  }
  /** `besides`: what stands next to it, about which nothing is promised. */
  const atMost = (
    words: string,
    limit: number,
    times: number | null,
    of: string,
    besides = '',
  ): Promised => ({
    words: `${words}: at most ${limit} × ${of}`,
    measured: times === null ? '' : `${times.toFixed(2)} ×${besides}`,
    held: times === null ? null : times <= limit,
  })
  /** Beside the server without a gateway: ours, and the gateway that does nothing. */
  const besideDirect = (part: string): string => {
    const [mine, floor] = ['ours', 'bare'].map((name) => ratio(part, 'p50', 'direct', name))
    return mine == null || floor == null ? '' : ` (${mine.toFixed(2)} × direct; bare: ${floor.toFixed(2)})`
  }
  const httpShare = ratio('http 8', 'perSecond', 'direct')
  const hubShare = (() => {
    const [hub, direct] = [value('http 8', 'mcp-hub', 'perSecond'), value('http 8', 'direct', 'perSecond')]
    return hub === null || direct === null ? '' : ` (mcp-hub ${(hub / direct).toFixed(2)} ×)`
  })()
  const first = value('start 50', 'ours', 'first')
  const all = value('start 50', 'ours', 'all')
  const idle = value('idle 1', 'ours', 'memory')
  const idleFifty = value('idle 50', 'ours', 'memory')
  const more = idle === null || idleFifty === null ? null : idleFifty - idle

  return [
    besideBest('stdio 8'),
    besideBest('stdio 32'),
    atMost(
      'CPU time of the gateway per call, 8 at a time',
      0.6,
      ratio('stdio 8', 'gatewayCpu', 'mcp-hub'),
      'mcp-hub',
    ),
    atMost('Half of the calls, one at a time, take', 1.1, ratio('stdio 1', 'p50', 'direct'), 'direct'),
    atMost('99 of 100 calls, 8 at a time, take', 0.7, ratio('stdio 8', 'p99', 'direct'), 'direct'),
    {
      words: 'HTTP upstream, 8 calls at a time: at least 0.65 × the calls/s of direct',
      measured: httpShare === null ? '' : `${httpShare.toFixed(2)} ×${hubShare}`,
      held: httpShare === null ? null : httpShare >= 0.65,
    },
    atMost(
      'At a steady 100 calls/s, half of the calls take',
      1.3,
      ratio('steady', 'p50', 'bare'),
      'bare, both in 2025-11-25',
      besideDirect('steady'),
    ),
    atMost(
      'At a steady 100 calls/s, half of the calls take',
      1.4,
      ratio('modern steady', 'p50', 'bare'),
      'bare, both in 2026-07-28',
      besideDirect('modern steady'),
    ),
    atMost('`tools/list` of 50 × 20 tools takes', 0.7, ratio('list', 'p50', 'mcp-hub'), 'mcp-hub'),
    atMost('Fifty upstreams are up within', 1, ratio('start 50', 'all', 'mcp-hub'), 'mcp-hub'),
    {
      words: 'The first of fifty upstreams is usable before the last is up',
      measured: first === null ? '' : `${first.toFixed(0)} ms, ${all!.toFixed(0)} ms`,
      held: first === null ? null : first < all!,
    },
    {
      words: 'Idle memory with one upstream: at most 100 MB',
      measured: idle === null ? '' : `${(idle / megabyte).toFixed(0)} MB`,
      held: idle === null ? null : idle <= 100 * megabyte,
    },
    {
      words: 'Fifty upstreams with 20 tools each add at most 20 MB',
      measured: more === null ? '' : `${(more / megabyte).toFixed(0)} MB`,
      held: more === null ? null : more <= 20 * megabyte,
    },
  ]
}
