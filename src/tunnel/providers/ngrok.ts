/** ngrok's agent (ngrok.com/docs/agent): one name of the account's own, which is learnt at the first start; errors have numbers. */
import { saidLater, say } from '../../../locales/say.ts'
import type { ProgramFile } from '../helper-process.ts'
import { TunnelFailure } from '../tunnel-failure.ts'
import { notTold } from './fields.ts'
import { heldOpen } from './held-open.ts'
import type { ListedProvider } from './provider.ts'

const file: ProgramFile = {
  title: 'ngrok',
  from: 'https://ngrok.com/download',
  command: 'ngrok',
  places: ['/usr/local/bin/ngrok', '/opt/homebrew/bin/ngrok', '/snap/bin/ngrok'],
}
const tokenPage = 'https://dashboard.ngrok.com/get-started/your-authtoken'
/** The free plan counts 20,000 requests in a month (ngrok.com/pricing, 2026-09): six probes a day are less than a hundredth of them. */
const probeEvery = 4 * 3_600_000

/** Else every program on this computer reads each request, tokens and all, at port 4040 (ngrok.com/docs/agent/web-inspection-interface). */
const inspectNothing = '--inspect=false'

export const ngrok = {
  id: 'ngrok',
  naming: 'assigned',
  needs: ['account', 'key', 'helper'],
  program: file,
  fields: [
    {
      name: 'authtoken',
      kind: 'secret',
      label: saidLater('tunnel.field.ngrokToken.label'),
      hint: saidLater('tunnel.field.ngrokToken.hint'),
      placeholder: '2abc…',
      required: true,
      read: (typed) => /^(?:ngrok config add-authtoken )?([A-Za-z0-9_-]{20,200})$/.exec(typed)?.[1] ?? null,
    },
  ],
  probe: { every: probeEvery, headers: { 'ngrok-skip-browser-warning': '1' } },
  openTimeout: 20_000,
  defaultHost: '',
  explain: ({ headers, body }, now) => failureIn(`${headers.get('ngrok-error-code')} ${body}`, now) ?? null,
  async open({ name, localPort, signal }, kit) {
    const token = await kit.secret('authtoken')
    if (token === null) throw notTold('ngrok')
    const start = () =>
      kit.start({
        ...file,
        args: [
          'http',
          `http://127.0.0.1:${localPort()}`,
          ...[
            '--log=stdout',
            '--log-format=json',
            inspectNothing,
            ...(name === '' ? [] : [`--url=https://${name}`]),
          ],
        ],
        env: { NGROK_AUTHTOKEN: token },
      })
    return heldOpen(start, async (helper) => {
      const found = await helper.said(
        (line) => failureIn(line, kit.now()) ?? /"url":"(https:\/\/[a-z0-9.-]+)"/.exec(line)?.[1],
        signal,
      )
      if (found instanceof TunnelFailure) throw found
      let isUp = true
      let trouble = () => {}
      helper.onLine((line) => {
        if (/client session established/.test(line)) isUp = true
        else if (/session closed|heartbeat (?:timeout|failed)|failed to reconnect/.test(line)) {
          isUp = false
          trouble()
        }
      })
      return {
        origin: found,
        name: new URL(found).hostname,
        isUp: () => isUp,
        onTrouble(listen: () => void) {
          trouble = listen
        },
      }
    })
  },
} satisfies ListedProvider

/** By the number of an error (ngrok.com/docs/errors). */
function failureIn(text: string, now: number): TunnelFailure | undefined {
  const code = Number(/ERR_NGROK_(\d+)/.exec(text)?.[1] ?? Number.NaN)
  const detail = `ERR_NGROK_${code}`
  switch (code) {
    case 105:
    case 106:
    case 107:
    case 4018:
      return new TunnelFailure({
        code: 'tunnel-needs-user',
        says: 'tunnel-ngrok-token',
        action: { label: say('tunnel.openNgrok'), url: tokenPage },
        until: now + 600_000,
        detail,
      })
    case 108:
    case 334:
      return new TunnelFailure({ code: 'tunnel-in-use', says: 'tunnel-ngrok-in-use', detail })
    case 121:
      return new TunnelFailure({
        code: 'tunnel-too-old',
        params: { title: file.title },
        action: { label: say('tunnel.getHelper', { title: file.title }), url: file.from },
        detail,
      })
    case 725:
    case 726:
    case 727:
      return new TunnelFailure({
        code: 'tunnel-quota',
        says: 'tunnel-ngrok-month',
        until: nextMonth(now),
        detail,
      })
    case 734:
      return new TunnelFailure({
        code: 'tunnel-quota',
        says: 'tunnel-ngrok-minute',
        until: now + 60_000,
        detail,
      })
    case 9009:
      return new TunnelFailure({ code: 'tunnel-blocked', says: 'tunnel-ngrok-proxy', detail })
    default:
      return Number.isNaN(code)
        ? undefined
        : new TunnelFailure({
            code: 'tunnel-refused',
            says: 'tunnel-said-no',
            params: { said: detail },
            detail,
          })
  }
}

const nextMonth = (now: number): number => {
  const today = new Date(now)
  return Date.UTC(today.getUTCFullYear(), today.getUTCMonth() + 1, 1)
}
