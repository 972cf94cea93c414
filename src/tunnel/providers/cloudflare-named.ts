/**
 * A tunnel of the user's own at Cloudflare, under a domain of theirs. It was made by us (cloudflare/cloudflare-account.ts), or in
 * Cloudflare's dashboard, which gives a command with the token; the name arrives with the rules that were set there, once the program
 * is connected. One that was made after a sign-in in the browser (cloudflare/cloudflare-sign-in.ts) has no rules there: its program is
 * told the name.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { saidLater, say } from '../../../locales/say.ts'
import { parseJson } from '../../kernel/exact-json.ts'
import { isObject } from '../../kernel/is-object.ts'
import { TunnelFailure } from '../tunnel-failure.ts'
import { type Cloudflared, cloudflaredFile, nameLedTo, startCloudflared } from './cloudflared.ts'
import { notTold, originOf, publicOrigin } from './fields.ts'
import type { ListedProvider } from './provider.ts'

const dashboard = 'https://one.dash.cloudflare.com/'
/** The rules come a moment after the connection. */
const rulesWithin = 5_000

export const cloudflareNamed = {
  id: 'cloudflare',
  naming: 'domain',
  needs: ['account', 'key', 'helper'],
  program: cloudflaredFile,
  ledHere: true,
  fields: [
    {
      name: 'token',
      kind: 'secret',
      label: saidLater('tunnel.field.cloudflareToken.label'),
      hint: saidLater('tunnel.field.cloudflareToken.hint'),
      placeholder: 'sudo cloudflared service install eyJ…',
      required: true,
      read: tokenIn,
    },
    {
      name: 'hostname',
      kind: 'text',
      label: saidLater('tunnel.field.cloudflareHostname.label'),
      hint: saidLater('tunnel.field.cloudflareHostname.hint'),
      placeholder: 'drawbridge.example.com',
      required: false,
      belongsTo: 'token',
      read: (typed) => (publicOrigin(typed) === `https://${typed}` ? typed : null),
    },
  ],
  probe: { publicNames: true },
  openTimeout: 40_000,
  defaultHost: '',
  async open({ localPort, signal }, kit) {
    const token = await kit.secret('token')
    if (token === null) throw notTold('cloudflare')
    const wrong = (line: string) =>
      /token is not valid|Unauthorized|invalid tunnel secret/i.test(line)
        ? new TunnelFailure({
            code: 'tunnel-needs-user',
            says: 'tunnel-cloudflare-token',
            action: { label: say('tunnel.openCloudflare'), url: dashboard },
            detail: line,
          })
        : undefined
    const hostname = kit.value('hostname')
    const ingress = [{ hostname, service: `http://127.0.0.1:${localPort()}` }, { service: 'http_status:404' }]
    const run = await startCloudflared(
      kit,
      { args: ['run'], env: { TUNNEL_TOKEN: token }, wrong, ...(hostname !== '' && { ingress }) },
      signal,
    )
    try {
      const name = hostname || (await ledName(run, localPort(), kit.now, signal))
      return { ...run.opened(originOf(name)), name }
    } catch (error) {
      await run.close()
      throw error
    }
  },
} satisfies ListedProvider

async function ledName(
  run: Cloudflared,
  port: number,
  now: () => number,
  signal: AbortSignal,
): Promise<string> {
  for (const end = now() + rulesWithin; ; ) {
    const name = await nameLedTo(port, run)
    if (name !== undefined) return name
    if (now() > end) break
    await sleep(200, undefined, { signal })
  }
  throw new TunnelFailure({
    code: 'tunnel-needs-user',
    says: 'tunnel-cloudflare-rule',
    params: { url: `http://127.0.0.1:${port}` },
    action: { label: say('tunnel.openCloudflare'), url: dashboard },
  })
}

const base64 = /eyJ[A-Za-z0-9+/_-]{40,2000}={0,2}/

/** The token, alone or in the command that the dashboard gives: base64 of `{a: account, t: tunnel, s: secret}`. */
export function tokenIn(typed: string): string | null {
  const token = base64.exec(typed)?.[0]
  return token !== undefined && heldBy(token) !== null ? token : null
}

/** The id of the tunnel that a token is for; null: it is none. */
export const tunnelIn = (token: string | null): string | null => (token && heldBy(token)?.t) || null

function heldBy(token: string): { a: string; t: string; s: string } | null {
  const held = parseJson(Buffer.from(token, 'base64').toString('utf8'))
  return isObject(held) && ['a', 't', 's'].every((name) => typeof held[name] === 'string')
    ? (held as never)
    : null
}
