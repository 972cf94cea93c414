import type { CloudflareDomain } from '../../contract/tunnel.ts'
import { HostError } from '../../kernel/errors.ts'
import { publicOrigin } from '../providers/fields.ts'
import { CloudflareApi, cloudflareApi, targetOf } from './cloudflare-api.ts'

export interface CloudflareAccount {
  /** The user's domains. Throws HostError `cloudflare-…`. */
  domains(token: string): Promise<CloudflareDomain[]>
  /**
   * Makes the tunnel, its rule and its name. Asked twice it finds what it made. Answers with what the program is started with. Throws
   * HostError `cloudflare-…`; unless `replace`, `cloudflare-name-used` when the name leads elsewhere, and `cloudflare-name-open` when another
   * computer holds it open.
   */
  setUp(wanted: {
    token: string
    domain: string
    label: string
    replace: boolean
  }): Promise<{ token: string }>
}

/** An account at Cloudflare, through an API token that is used and not kept. */
export function createCloudflareAccount(deps: {
  fetch: typeof fetch
  now(): number
  localPort(): number
  /** The id of the tunnel that this computer opens; null: none yet. */
  tunnelHere(): Promise<string | null>
  /** Left out: Cloudflare's. */
  base?: string
}): CloudflareAccount {
  const { fetch, now, localPort, tunnelHere, base = cloudflareApi } = deps
  const api = (token: string) => new CloudflareApi({ base, fetch, token, now })
  return {
    async domains(token) {
      const zones = await api(token).zones()
      if (zones.length === 0) throw new HostError({ code: 'cloudflare-no-domain' })
      return zones.map(({ name }) => ({ name }))
    },
    async setUp({ token, domain, label, replace }) {
      const account = api(token)
      const zone = (await account.zones()).find(({ name }) => name === domain)
      if (zone === undefined) throw new HostError({ code: 'cloudflare-domain-gone', params: { domain } })
      const name = `${label}.${domain}`
      if (publicOrigin(name) !== `https://${name}`)
        throw new HostError({ code: 'cloudflare-name', params: { name } })
      const { id: owner } = zone.account
      // Looked at before anything is made: a no must leave nothing behind.
      const tunnelName = `Drawbridge ${name}`
      const [records, known] = await Promise.all([
        account.records(zone.id, name),
        account.findTunnel(owner, tunnelName),
      ])
      const [record] = records
      const isOurs = known !== undefined && record?.content === targetOf(known.id)
      // One can be changed into ours; which of several to take away is the user's to say.
      if (records.length > 1) throw new HostError({ code: 'cloudflare-name-records', params: { name } })
      if (record && !isOurs && !replace)
        throw new HostError({
          code: 'cloudflare-name-used',
          params: { name, content: record.content.slice(0, 200) },
        })
      // One that is degraded serves all the same.
      const isOpen = known?.status === 'healthy' || known?.status === 'degraded'
      if (isOpen && known.id !== (await tunnelHere()) && !replace)
        throw new HostError({ code: 'cloudflare-name-open', params: { name } })
      const { id: tunnel } = known ?? (await account.makeTunnel(owner, tunnelName))
      await account.lead(owner, tunnel, name, `http://127.0.0.1:${localPort()}`)
      if (!isOurs) await account.pointAt(zone.id, name, tunnel, record?.id)
      return { token: await account.tunnelToken(owner, tunnel) }
    },
  }
}
