import { useNavigate } from '@tanstack/react-router'
import { say } from '../../../locales/say.ts'
import type { Server } from '../../../src/contract/servers.ts'
import { useCommand } from '../../pipe/host.tsx'
import { ConfirmButton } from '../../ui/dialog.tsx'
import { Icon } from '../../ui/icon.tsx'
import { showDone } from '../../ui/toasts.tsx'

export function RemoveServer({ server }: { server: Server }) {
  const navigate = useNavigate()
  const remove = useCommand('servers.remove', {
    inline: true,
    refreshes: ['servers.list', 'tools.list'],
    done: () => {
      void navigate({ to: '/tools' })
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
