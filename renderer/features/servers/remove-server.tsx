import { useRouter } from '@tanstack/react-router'
import { say } from '../../../locales/say.ts'
import type { Server } from '../../../src/contract/servers.ts'
import { useCommand } from '../../pipe/host.tsx'
import { ConfirmButton } from '../../ui/dialog.tsx'
import { Icon } from '../../ui/icon.tsx'
import { showDone } from '../../ui/toasts.tsx'

export function RemoveServer({ server }: { server: Server }) {
  const router = useRouter()
  const remove = useCommand('servers.remove', {
    inline: true,
    refreshes: ['servers.list', 'tools.list'],
    done: () => {
      // Its page may have lost it before the answer is here, or been left: `leave` would not tell the two apart.
      const isShown = router.matchRoute({ to: '/tools/$id', params: { id: server.id } }) !== false
      if (isShown) void router.navigate({ to: '/tools' })
      showDone(say('servers.remove.wasRemoved', { name: server.name }))
    },
  })
  return (
    <ConfirmButton
      intent="quiet-danger"
      command={remove}
      input={{ id: server.id }}
      question={{
        title: say('servers.remove.title', { name: server.name }),
        text: say(server.kind === 'stdio' ? 'servers.remove.textProgram' : 'servers.remove.textAddress'),
        action: say('common.remove'),
        keep: say('common.keepIt'),
        danger: true,
      }}
    >
      <Icon name="trash" size={16} /> {say('servers.removeThisServer')}
    </ConfirmButton>
  )
}
