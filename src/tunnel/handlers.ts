import type { HandlersOf } from '../contract/definition.ts'
import type { helpersApi } from '../contract/helpers.ts'
import type { bridgeApi, Status } from '../contract/status.ts'
import type { tunnelApi } from '../contract/tunnel.ts'
import type { CloudflareAccount } from './cloudflare/cloudflare-account.ts'
import type { CloudflareSignIns } from './cloudflare/cloudflare-sign-in.ts'
import type { HelperStore } from './helpers/helper-store.ts'
import type { Ways } from './ways.ts'

interface BridgeParts {
  bridge: {
    raise(options: { endAllAccess: boolean }): void
    lower(): void
    newAddress(): void
    isRaised(): boolean
    takeOver(): void
  }
  ways: Ways
  cloudflare: CloudflareAccount
  signIns: Pick<CloudflareSignIns, 'now' | 'begin' | 'cancel' | 'setUp'>
  helpers: Pick<HelperStore, 'downloads' | 'fetch' | 'cancel'>
  status(): Status
}

export function bridgeHandlers({
  bridge,
  ways,
  cloudflare,
  signIns,
  helpers,
  status,
}: BridgeParts): HandlersOf<typeof bridgeApi & typeof tunnelApi & typeof helpersApi> {
  const use = async (...wanted: Parameters<Ways['use']>): Promise<Status> => {
    await ways.use(...wanted)
    if (!bridge.isRaised()) bridge.lower()
    return status()
  }
  return {
    'tunnel.list': () => ways.list(),
    'tunnel.use': async ({ id, values }) => use(id, values),
    'tunnel.cloudflareDomains': ({ token }) => cloudflare.domains(token),
    'tunnel.cloudflareSetUp': async (wanted) => use('cloudflare', await cloudflare.setUp(wanted)),
    'tunnel.cloudflareSignIn': () => signIns.now(),
    'tunnel.cloudflareSignInBegin': () => signIns.begin(),
    'tunnel.cloudflareSignInCancel': () => {
      signIns.cancel()
      return null
    },
    'tunnel.cloudflareSignInSetUp': async ({ label, replace }) =>
      use('cloudflare', { ...(await signIns.setUp(label, replace)) }),
    'helpers.downloads': () => helpers.downloads(),
    'helpers.fetch': ({ id }) => {
      helpers.fetch(id)
      return helpers.downloads()
    },
    'helpers.cancel': ({ id }) => {
      helpers.cancel(id)
      return helpers.downloads()
    },
    'tunnel.takeOver': () => {
      bridge.takeOver()
      return status()
    },
    'bridge.lower': () => {
      bridge.lower()
      return status()
    },
    'bridge.raise': (options) => {
      bridge.raise(options)
      return status()
    },
    'bridge.newAddress': () => {
      bridge.newAddress()
      return status()
    },
  }
}
