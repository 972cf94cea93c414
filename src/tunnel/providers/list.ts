import { localtunnel } from './localtunnel.ts'
import type { TunnelProvider } from './provider.ts'

/** Every tunnel Drawbridge knows; the first one is used when nobody chose. */
export const tunnelProviders: readonly [TunnelProvider, ...TunnelProvider[]] = [localtunnel]
