/** For tests: a provider whose program forwards from a loopback port, and says so on its standard error. */

import type { TunnelProvider } from '../providers/provider.ts'
import { TunnelFailure } from '../tunnel-failure.ts'

/** Argument 1: where to forward to. `KEY` must be there. Ends when it is asked for `/end`. */
const program = `
const http = require('node:http')
if (process.env.KEY === 'used-up') { console.error('quota until ' + (Date.now() + 1500)); process.exit(1) }
if (!process.env.KEY) { console.error('no key'); process.exit(1) }
http.createServer((req, res) => {
  if (req.url === '/end') process.exit(1)
  const to = { host: '127.0.0.1', port: process.argv[1], path: req.url, headers: req.headers }
  req.pipe(http.request(to, (from) => { res.writeHead(from.statusCode, from.headers); from.pipe(res) }).on('error', () => res.destroy()))
}).listen(0, '127.0.0.1', function () { console.error('Your address is http://127.0.0.1:' + this.address().port) })
`

export function createHelperProvider(
  change: Partial<TunnelProvider> = {},
  command: string = process.execPath,
): TunnelProvider & { opened: number; isUp: boolean } {
  const provider: TunnelProvider & { opened: number; isUp: boolean } = {
    ...{ opened: 0, isUp: true },
    id: 'fixture',
    naming: 'random',
    needs: ['key', 'helper'],
    probe: {},
    openTimeout: 40_000,
    defaultHost: 'https://fixture.example',
    async open({ localPort, signal }, kit) {
      provider.opened += 1
      const key = await kit.secret('key')
      if (key === null)
        throw new TunnelFailure({
          code: 'tunnel-needs-user',
          told: { message: 'Fixture wants to know who you are.', hint: 'Sign in there, then come back.' },
          action: { label: 'Sign in at Fixture', url: 'https://fixture.example/login' },
        })
      const helper = await kit.start({
        ...{ title: 'fixtured', from: 'https://fixture.example/get', command, env: { KEY: key } },
        args: ['-e', program, String(localPort())],
      })
      try {
        const found = (line: string) => /address is (\S+)|quota until (\d+)/.exec(line) ?? undefined
        const [, origin, until] = await helper.said(found, signal)
        if (origin === undefined)
          throw new TunnelFailure({
            code: 'tunnel-quota',
            told: { message: 'Fixture carries no more this month.', hint: 'It does again next month.' },
            until: Number(until),
          })
        return {
          origin,
          idle: () => 1,
          isUp: () => provider.isUp,
          onTrouble() {},
          onLost: (listen) => helper.onExit(listen),
          close: () => helper.close(),
        }
      } catch (error) {
        await helper.close()
        throw error
      }
    },
    ...change,
  }
  return provider
}
