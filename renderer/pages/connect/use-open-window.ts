import { keyOf, useCommand } from '../../pipe/host.tsx'

/** Opens (or opens again) the ten minutes in which a new client may ask. Shared with Home's buttons. */
export const useOpenWindow = () =>
  useCommand('connect.open', {
    done: (flow, client) => {
      client.setQueryData(keyOf('connect.flow', { client: flow.client }), flow)
      void client.invalidateQueries({ queryKey: ['status.get'] })
    },
  })
