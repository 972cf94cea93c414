/**
 * Tailscale Funnel (tailscale.com/kb/1223/funnel): TLS ends on this computer, so nobody reads along. Run in the foreground, it ends
 * with us, and other things that the user shares are not touched.
 */
import * as z from 'zod'
import { say } from '../../../locales/say.ts'
import { parseJson } from '../../kernel/exact-json.ts'
import type { HelperProcess, ProgramFile } from '../helper-process.ts'
import { type Action, TunnelFailure } from '../tunnel-failure.ts'
import { originOf } from './fields.ts'
import { heldOpen } from './held-open.ts'
import type { ListedProvider, ProviderKit } from './provider.ts'

const file: ProgramFile = {
  title: 'Tailscale',
  from: 'https://tailscale.com/download',
  command: 'tailscale',
  places: [
    '/Applications/Tailscale.app/Contents/MacOS/Tailscale',
    'C:\\Program Files\\Tailscale\\tailscale.exe',
  ],
}

const State = z.object({
  BackendState: z.string(),
  AuthURL: z.string().optional(),
  Self: z.object({ DNSName: z.string().optional() }).nullish(),
})
const Shared = z.object({
  TCP: z.record(z.string(), z.unknown()).nullish(),
  AllowFunnel: z.record(z.string(), z.boolean()).nullish(),
})
const Serving = Shared.extend({ Foreground: z.record(z.string(), Shared).nullish() })

export const tailscale = {
  id: 'tailscale',
  naming: 'assigned',
  needs: ['account', 'helper'],
  program: file,
  // On this computer the name leads to this computer: such a probe would be well when nobody else gets through.
  probe: { publicNames: true, every: 30_000 },
  // The first time it waits for a certificate.
  openTimeout: 60_000,
  defaultHost: '',
  async open({ localPort, signal }, kit) {
    const name = await running(kit, signal)
    const shared = await serving(kit, signal)
    if (shared.TCP?.['443'] !== undefined)
      throw new TunnelFailure({ code: 'tunnel-refused', says: 'tunnel-tailscale-port' })
    const args = ['funnel', '--yes', '--https=443', `http://127.0.0.1:${localPort()}`]
    const open = async (helper: HelperProcess) => {
      const found = await helper.said(
        (line) => consent(line) ?? (/available on the internet/i.test(line) || undefined),
        signal,
      )
      if (found instanceof TunnelFailure) throw found
      if (!isPublic(await serving(kit, signal), name))
        throw needs({ says: 'tunnel-tailscale-consent', action: adminPage() })
      return { origin: originOf(name), name }
    }
    return heldOpen(() => kit.start({ ...file, args }), open)
  },
} satisfies ListedProvider

/** The name of this computer. Throws TunnelFailure while Tailscale does not run, or is signed out. */
async function running(kit: ProviderKit, signal: AbortSignal): Promise<string> {
  const { out, err } = await kit.ask({ ...file, args: ['status', '--json'] }, signal)
  const state = State.safeParse(parseJson(out)).data
  if (state === undefined) throw needs({ says: 'tunnel-tailscale-stopped', detail: err.slice(0, 200) })
  const { BackendState: now, AuthURL: url = '', Self } = state
  if (now === 'NeedsLogin')
    throw needs({
      says: 'tunnel-tailscale-login',
      ...(isPage(url) && { action: { label: say('tunnel.signInTailscale'), url } }),
    })
  if (now === 'NeedsMachineAuth')
    throw needs({
      says: 'tunnel-tailscale-machine',
      action: {
        label: say('tunnel.openTailscale'),
        url: 'https://login.tailscale.com/admin/machines',
      },
    })
  const name = (Self?.DNSName ?? '').replace(/\.$/, '')
  if (now !== 'Running' || name === '') throw needs({ says: 'tunnel-tailscale-stopped', detail: now })
  return name
}

async function serving(kit: ProviderKit, signal: AbortSignal) {
  const { out } = await kit.ask({ ...file, args: ['serve', 'status', '--json'] }, signal)
  return Serving.safeParse(parseJson(out)).data ?? {}
}

/** That the program ended well is no proof. */
const isPublic = ({ AllowFunnel, Foreground }: z.infer<typeof Serving>, name: string): boolean =>
  [{ AllowFunnel }, ...Object.values(Foreground ?? {})].some(
    (one) => one.AllowFunnel?.[`${name}:443`] === true,
  )

function consent(line: string): TunnelFailure | undefined {
  const url = /https:\/\/login\.tailscale\.com\/\S+/.exec(line)?.[0]
  if (url !== undefined)
    return needs({ says: 'tunnel-tailscale-consent', action: { label: say('tunnel.allowTailscale'), url } })
  return /access denied|--operator/i.test(line) ? needs({ says: 'tunnel-tailscale-rights' }) : undefined
}

const isPage = (url: string): boolean => url.startsWith('https://') && URL.canParse(url)
const adminPage = (): Action => ({
  label: say('tunnel.openTailscale'),
  url: 'https://login.tailscale.com/admin/acls/file',
})

interface Need {
  says: `tunnel-tailscale-${'stopped' | 'login' | 'machine' | 'consent' | 'rights'}`
  action?: Action
  detail?: string
}
const needs = ({ says, ...more }: Need): TunnelFailure =>
  new TunnelFailure({ code: 'tunnel-needs-user', says, ...more })
