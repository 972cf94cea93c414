import { cloudflareNamed } from './cloudflare-named.ts'
import { cloudflareQuick } from './cloudflare-quick.ts'
import { localtunnel } from './localtunnel.ts'
import { ngrok } from './ngrok.ts'
import { openai } from './openai.ts'
import { ownAddress } from './own-address.ts'
import type { ListedProvider } from './provider.ts'
import { ssh } from './ssh.ts'
import { tailscale } from './tailscale.ts'

/** Every tunnel Drawbridge knows; the first one is used when nobody chose. */
export const tunnelProviders: readonly [ListedProvider, ...ListedProvider[]] = [
  localtunnel,
  cloudflareQuick,
  tailscale,
  cloudflareNamed,
  ngrok,
  openai,
  ssh,
  ownAddress,
]
