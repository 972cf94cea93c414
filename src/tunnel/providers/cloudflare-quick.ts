/** Cloudflare's quick tunnels (developers.cloudflare.com, “TryCloudflare”): no account, another name at every start, for testing only. */
import { setTimeout as sleep } from 'node:timers/promises'
import { TunnelFailure } from '../tunnel-failure.ts'
import { cloudflaredFile, quickName, startCloudflared } from './cloudflared.ts'
import { originOf } from './fields.ts'
import type { ListedProvider } from './provider.ts'

/** Who asks again sooner is refused for longer. */
const restAfterRefusal = 600_000

const noMore = (until: number, detail?: string): TunnelFailure =>
  new TunnelFailure({
    code: 'tunnel-quota',
    says: 'tunnel-quick-limit',
    params: { at: new Date(until).toTimeString().slice(0, 5) },
    until,
    ...(detail !== undefined && { detail }),
  })

export const cloudflareQuick = {
  id: 'cloudflare-quick',
  naming: 'random',
  needs: ['helper'],
  program: cloudflaredFile,
  probe: { publicNames: true },
  openTimeout: 40_000,
  patience: 100,
  // Each one is another address, and one that ends at once ends again.
  budget: { opens: 5, within: restAfterRefusal, spent: noMore },
  defaultHost: '',
  async open({ localPort, signal }, kit) {
    const wrong = (line: string) => {
      // With 1015 or 1101 the service answers text where the program reads JSON.
      if (/failed to unmarshal quick Tunnel|error code: 1\d{3}|429 Too Many/i.test(line))
        return noMore(kit.now() + restAfterRefusal, line)
      return /failed to request quick Tunnel/i.test(line)
        ? new TunnelFailure({ code: 'tunnel-unreachable', detail: line })
        : undefined
    }
    const args = ['--url', `http://127.0.0.1:${localPort()}`]
    const run = await startCloudflared(kit, { args, wrong }, signal)
    try {
      let name = await quickName(run)
      for (; name === undefined; name = await quickName(run)) await sleep(150, undefined, { signal })
      return run.opened(originOf(name))
    } catch (error) {
      await run.close()
      throw error
    }
  },
} satisfies ListedProvider
