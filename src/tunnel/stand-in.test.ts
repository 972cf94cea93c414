import { afterEach, beforeEach, expect, it } from 'vitest'
import type { TunnelProvider } from './providers/provider.ts'
import { type Edge, startEdge } from './testing/fixture-edge.ts'
import { house, record, until } from './testing/house.ts'
import { TunnelFailure } from './tunnel-failure.ts'

const at = house()
let edge: Edge
beforeEach(async () => {
  edge = await startEdge()
})
afterEach(() => edge.close())

/** Leads a name here for as long as its service is there. */
function fixtureWay(id: string, name: string, naming: TunnelProvider['naming'] = 'domain') {
  const way = {
    ...{ id, naming, needs: [], probe: {}, defaultHost: '' },
    isAway: false,
    opened: 0,
    async open({ localPort }: { localPort(): number }) {
      way.opened += 1
      if (way.isAway) throw new TunnelFailure({ code: 'tunnel-unreachable' })
      edge.targets.set(name, `http://127.0.0.1:${localPort()}`)
      let lost = () => {}
      way.end = () => {
        way.isAway = true
        edge.targets.delete(name)
        lost()
      }
      return {
        ...{ origin: `https://${name}`, name, idle: () => 1, onTrouble() {} },
        onLost(listen: () => void) {
          lost = listen
        },
        close: () => void edge.targets.delete(name),
      }
    },
    end: () => {},
  }
  return way satisfies TunnelProvider
}

const begin = (first: TunnelProvider, ...others: TunnelProvider[]) => {
  at.settings.set('tunnel.provider', first.id)
  const tunnel = at.begin(
    {
      first: 10,
      maxOffline: 20,
      max: 20,
      probeEvery: 50,
      probeAgain: 50,
      offlineAfter: 20,
      steadyAfter: 0,
      standInAfter: 150,
    },
    undefined,
    { providers: [first, ...others], host: () => '', fetch: edge.fetch },
  )
  tunnel.want()
  return tunnel
}

it('under a domain of the user’s another way takes over, at the same address, and back again', async () => {
  const [cloudflare, ssh] = [fixtureWay('cloudflare', 'bridge.example'), fixtureWay('ssh', 'bridge.example')]
  at.settings.set('tunnel.values', { ssh: { address: 'https://bridge.example' } })
  const tunnel = begin(cloudflare, ssh)
  await until(tunnel, 'ready')
  const seen = record(tunnel)
  cloudflare.end()
  await until(tunnel, 'offline')
  expect(ssh.opened).toBe(0)
  const { origin, hint } = await until(tunnel, 'ready')
  expect(origin).toBe('https://bridge.example')
  expect(hint).toBe(
    'The way you chose has been away for a while, so Your own server holds your address. Nobody has to be connected again.',
  )
  expect(tunnel.provider()).toBe('cloudflare')
  expect(new Set(seen.map((state) => state.origin))).toEqual(new Set(['https://bridge.example']))

  cloudflare.isAway = false
  ssh.end()
  await until(tunnel, ['opening', 'offline'])
  expect((await until(tunnel, 'ready')).hint).toBe('')
  expect(new Set(seen.map((state) => state.origin))).toEqual(new Set(['https://bridge.example']))
})

it.each<[string, () => [TunnelProvider & { end(): void }, TunnelProvider & { opened: number }], string]>([
  [
    'was set up for another address',
    () => [fixtureWay('cloudflare', 'bridge.example'), fixtureWay('ssh', 'other.example')],
    'https://other.example',
  ],
  [
    'has a name that is not the user’s',
    () => [fixtureWay('cloudflare', 'bridge.example'), fixtureWay('ngrok', 'bridge.example', 'assigned')],
    'https://bridge.example',
  ],
  [
    'would take over from a name that is not the user’s',
    () => [fixtureWay('ngrok', 'bridge.example', 'assigned'), fixtureWay('ssh', 'bridge.example')],
    'https://bridge.example',
  ],
])('no way takes over that %s', async (_why, ways, address) => {
  const [first, other] = ways()
  at.settings.set('tunnel.values', { [other.id]: { address } })
  const tunnel = begin(first, other)
  await until(tunnel, 'ready')
  first.end()
  await until(tunnel, 'offline')
  await new Promise((resolve) => setTimeout(resolve, 500))
  expect(other.opened).toBe(0)
  expect(tunnel.state()).toMatchObject({ kind: 'offline', origin: 'https://bridge.example' })
  expect(tunnel.state().hint).toContain('Waiting keeps your address')
})

it('one that opens another address than it was set up for is closed before anybody hears of it', async () => {
  const cloudflare = fixtureWay('cloudflare', 'bridge.example')
  const ssh = fixtureWay('ssh', 'other.example')
  at.settings.set('tunnel.values', { ssh: { address: 'https://bridge.example' } })
  const tunnel = begin(cloudflare, ssh)
  await until(tunnel, 'ready')
  const seen = record(tunnel)
  cloudflare.end()
  await expect.poll(() => ssh.opened, { timeout: 5_000 }).toBe(1)
  await expect.poll(() => edge.targets.has('other.example')).toBe(false)
  cloudflare.isAway = false
  await until(tunnel, 'ready')
  expect(new Set(seen.map((state) => state.origin))).toEqual(new Set(['https://bridge.example']))
})
