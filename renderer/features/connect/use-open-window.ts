import { keyOf, useCommand } from '../../pipe/host.tsx'

/** Opens (or opens again) the ten minutes in which a new client may ask. Shared with Home's buttons. */
export const useOpenWindow = () =>
  useCommand('connect.open', {
    state: (flow) => keyOf('connect.flow', { client: flow.client }),
    refreshes: ['status.get'],
  })

/** Ends them. Whoever is in stays in. */
export const useCloseWindow = () =>
  useCommand('connect.close', {
    done: (_output, client) => {
      void client.invalidateQueries({ queryKey: ['status.get'] })
      void client.invalidateQueries({ queryKey: ['connect.flow'] })
    },
  })
