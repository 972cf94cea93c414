import { useNavigate } from '@tanstack/react-router'
import { say } from '../../../../locales/say.ts'
import { useCommand } from '../../../pipe/host.tsx'
import { showDone } from '../../../ui/toasts.tsx'

/** Adds a server and starts it. `onClose` is called once it is there. */
export function useAddServer(onClose: () => void) {
  const navigate = useNavigate()
  return useCommand('servers.add', {
    inline: true,
    refreshes: ['servers.list', 'tools.list'],
    done: (server) => {
      onClose()
      if (server.state === 'running') showDone(say('servers.add.wasAdded', { name: server.name }))
      // There is something left to do, or to know about it.
      else void navigate({ to: '/tools/$id', params: { id: server.id } })
    },
  })
}
