import { useNavigate } from '@tanstack/react-router'
import { say } from '../../../../locales/say.ts'
import type { Server } from '../../../../src/contract/servers.ts'
import { useCommand } from '../../../pipe/host.tsx'
import { showDone } from '../../../ui/toasts.tsx'

/** Says that a server runs; closes what it was started from, and leads to what is left to do or to know about it. */
export function useStarted(onClose: () => void, said: (server: Server) => string) {
  const navigate = useNavigate()
  return {
    done(server: Server) {
      if (server.state === 'running') showDone(said(server))
    },
    leave(server: Server) {
      onClose()
      if (server.state !== 'running') void navigate({ to: '/tools/$id', params: { id: server.id } })
    },
  }
}

/** Adds a server and starts it. `onClose` is called once it is there. */
export function useAddServer(onClose: () => void) {
  const started = useStarted(onClose, ({ name }) => say('servers.add.wasAdded', { name }))
  return useCommand('servers.add', { inline: true, refreshes: ['servers.list', 'tools.list'], ...started })
}
