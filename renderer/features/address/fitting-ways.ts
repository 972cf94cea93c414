import type { TunnelId, TunnelWay } from '../../../src/contract/tunnel.ts'

/** What somebody has who wants a public address, and the ways that fit, the recommended one first. */
const FITTING = {
  nothing: ['localtunnel', 'cloudflare-quick'],
  account: ['ngrok', 'tailscale'],
  openai: ['openai'],
  tailscale: ['tailscale'],
  domain: ['cloudflare', 'ssh'],
  address: ['own-address', 'ssh'],
} as const satisfies Record<string, readonly TunnelId[]>

export type Have = keyof typeof FITTING
export const HAVES = Object.keys(FITTING) as Have[]

export const fitting = (have: Have, ways: readonly TunnelWay[]): TunnelWay[] =>
  FITTING[have].flatMap((id) => ways.find((way) => way.id === id) ?? [])

/** What somebody has who uses this way already. */
export const haveOf = (id: TunnelId): Have =>
  HAVES.find((have) => (FITTING[have] as readonly TunnelId[])[0] === id) ??
  HAVES.find((have) => (FITTING[have] as readonly TunnelId[]).includes(id)) ??
  'nothing'
