import type { QueryClient } from '@tanstack/react-query'
import type { Server } from '../../../src/contract/servers.ts'
import { patchCall, useCommand } from '../../pipe/host.tsx'
import { browserUrl } from '../../words/server.ts'

const refreshes = ['servers.list', 'tools.list'] as const

const patchServer = (client: QueryClient, id: string, patch: Partial<Server>) =>
  patchCall(client, 'servers.list', undefined, (old) =>
    old.map((other) => (other.id === id ? { ...other, ...patch } : other)),
  )

const STARTING: Partial<Server> = { state: 'starting', error: null }

/** What can be done with a server that is no draft. The wished-for state is shown at once. */
export function useServerCommands() {
  return {
    start: useCommand('servers.start', {
      optimistic: (client, { id }) => patchServer(client, id, STARTING),
      refreshes,
    }),
    stop: useCommand('servers.stop', {
      optimistic: (client, { id }) => patchServer(client, id, { state: 'stopped' }),
      refreshes,
    }),
    restart: useCommand('servers.restart', {
      optimistic: (client, { id }) => patchServer(client, id, STARTING),
      refreshes,
    }),
    check: useCommand('servers.check', { refreshes }),
    update: useCommand('servers.update', {
      optimistic: (client, { id, prefixed, passesClientContext, timeout, startTimeout }) =>
        patchServer(client, id, {
          ...(prefixed === undefined ? {} : { prefixed }),
          ...(passesClientContext === undefined ? {} : { passesClientContext }),
          ...(timeout === undefined ? {} : { timeout }),
          ...(startTimeout === undefined ? {} : { startTimeout }),
        }),
      refreshes,
    }),
  }
}

/** Begins a sign-in and hands its page to the browser; the address stays shown for where that did not work. */
export function useSignIn() {
  return useCommand('servers.signIn', {
    inline: true,
    refreshes,
    done: (server) => {
      const url = browserUrl(server.signIn.url)
      if (url !== null) window.open(url, '_blank', 'noopener,noreferrer')
    },
  })
}
