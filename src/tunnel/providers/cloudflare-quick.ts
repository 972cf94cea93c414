/** Cloudflare's quick tunnels (developers.cloudflare.com, “TryCloudflare”): no account, another name at every start, for testing only. */
import { setTimeout as sleep } from 'node:timers/promises'
import { TunnelFailure } from '../tunnel-failure.ts'
import { cloudflaredFile, quickName, startCloudflared } from './cloudflared.ts'
import { originOf } from './fields.ts'
import type { ListedProvider } from './provider.ts'

/** Who asks again sooner is refused for longer. */
const restAfterRefusal = 600_000

export const cloudflareQuick = {
  id: 'cloudflare-quick',
  naming: 'random',
  needs: ['helper'],
  program: cloudflaredFile,
  probe: { publicNames: true },
  openTimeout: 40_000,
  patience: 100,
  defaultHost: '',
  async open({ localPort, signal }, kit) {
    // With 1015 or 1101 the service answers text where the program reads JSON.
    const wrong = (line: string) =>
      /failed to unmarshal quick Tunnel|error code: 1\d{3}|429 Too Many/i.test(line)
        ? new TunnelFailure({
            code: 'tunnel-quota',
            says: 'tunnel-quick-limit',
            until: kit.now() + restAfterRefusal,
            detail: line,
          })
        : undefined
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
