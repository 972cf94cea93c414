/**
 * OpenAI's Secure MCP Tunnel, by its protocol (openai/tunnel-client, docs/protocol.md): no program, no address. ChatGPT, Codex and the
 * Responses API pick the tunnel by its id, and reach us as commands that are fetched from OpenAI; nobody else can. What its service writes
 * instead of our identifiers is `mcp/tunnelled.ts`.
 */
import { saidLater } from '../../../locales/say.ts'
import { HostError } from '../../kernel/errors.ts'
import { isTunnelId, originOfTunnel } from '../../mcp/tunnelled.ts'
import { ControlPlane } from '../openai/control-plane.ts'
import { TunnelLink } from '../openai/tunnel-link.ts'
import { notTold } from './fields.ts'
import type { ListedProvider } from './provider.ts'

/** Each asks OpenAI once, which counts requests; between two, the poll that waits says whether it stands. */
const probeEvery = 300_000

export const openai = {
  id: 'openai',
  naming: 'domain',
  needs: ['account', 'key'],
  unseen: true,
  fields: [
    {
      name: 'tunnel',
      kind: 'text',
      label: saidLater('tunnel.field.openaiTunnel.label'),
      hint: saidLater('tunnel.field.openaiTunnel.hint'),
      placeholder: 'tunnel_0123…',
      required: true,
      read: readTunnel,
    },
    {
      name: 'key',
      kind: 'secret',
      label: saidLater('tunnel.field.openaiKey.label'),
      hint: saidLater('tunnel.field.openaiKey.hint'),
      placeholder: 'sk-…',
      required: true,
      read: readKey,
    },
    {
      name: 'organization',
      kind: 'text',
      label: saidLater('tunnel.field.openaiOrganization.label'),
      hint: saidLater('tunnel.field.openaiOrganization.hint'),
      placeholder: 'org-…',
      required: false,
      read: (typed) => (/^org-[A-Za-z0-9]{3,100}$/.test(typed) ? typed : null),
    },
  ],
  probe: { every: probeEvery },
  // Opened anew it would be the same tunnel, without the calls that wait in it; what has to end it, it says itself.
  patience: Number.POSITIVE_INFINITY,
  openTimeout: 20_000,
  defaultHost: 'https://api.openai.com',
  async open({ host, localPort, signal, network }, kit) {
    const [tunnelId, key] = [kit.value('tunnel'), await kit.secret('key')]
    if (tunnelId === '' || key === null) throw notTold('openai')
    const place = { base: host, tunnelId, key, organization: kit.value('organization'), network }
    const { now, note } = kit
    const plane = new ControlPlane({ ...place, now })
    const link = new TunnelLink({ origin: originOfTunnel(tunnelId), plane, localPort, now, note })
    try {
      await link.begin(signal)
      return link
    } catch (error) {
      await link.close()
      throw error
    }
  },
} satisfies ListedProvider

/** Also out of an address, or a command, in which it stands. */
function readTunnel(typed: string): string | null {
  const id = /(?:^|[^\w-])(tunnel_[0-9a-z]{32})(?![0-9a-zA-Z])/.exec(` ${typed}`)?.[1] ?? ''
  return isTunnelId(id) ? id : null
}

/** Throws HostError `tunnel-openai-admin-key`: such a key could do more than carry, which is never needed here. */
function readKey(typed: string): string | null {
  if (/^sk-admin-/.test(typed)) throw new HostError({ code: 'tunnel-openai-admin-key' })
  return /^sk-[\w-]{20,400}$/.test(typed) ? typed : null
}
