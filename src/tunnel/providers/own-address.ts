/**
 * An https address of the user's own that already leads here: a reverse proxy at home or on a server, a tunnel that somebody else
 * runs. Nothing is opened by us; whether it leads here is seen by the probe.
 */
import { saidLater } from '../../../locales/say.ts'
import { notTold, typedOrigin } from './fields.ts'
import type { ListedProvider } from './provider.ts'

export const ownAddress = {
  id: 'own-address',
  naming: 'domain',
  needs: [],
  ledHere: true,
  fields: [
    {
      name: 'address',
      kind: 'text',
      label: saidLater('tunnel.field.address.label'),
      hint: saidLater('tunnel.field.address.hint'),
      placeholder: 'https://bridge.example.com',
      required: true,
      read: typedOrigin,
    },
  ],
  probe: {},
  defaultHost: '',
  async open(_request, kit) {
    const origin = kit.value('address')
    if (origin === '') throw notTold('own-address')
    return {
      origin,
      name: new URL(origin).hostname,
      idle: () => 1,
      onTrouble() {},
      onLost() {},
      close() {},
    }
  },
} satisfies ListedProvider
