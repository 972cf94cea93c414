import { useNavigate } from '@tanstack/react-router'
import { say } from '../../../locales/say.ts'
import type { Server } from '../../../src/contract/servers.ts'
import { keyOf, problemOf, useCommand } from '../../pipe/host.tsx'
import { ConfirmDialog } from '../../ui/dialog.tsx'
import { showDone } from '../../ui/toasts.tsx'

interface RemoveServerProps {
  server: Server
  open: boolean
  onClose(): void
}

export function RemoveServer({ server, open, onClose }: RemoveServerProps) {
  const navigate = useNavigate()
  const remove = useCommand('servers.remove', {
    inline: true,
    done: (_output, client) => {
      onClose()
      void navigate({ to: '/tools' })
      void client.invalidateQueries({ queryKey: keyOf('servers.list') })
      void client.invalidateQueries({ queryKey: keyOf('tools.list') })
      showDone(say('servers.remove.wasRemoved', { name: server.name }))
    },
  })
  return (
    <ConfirmDialog
      open={open}
      onClose={onClose}
      title={say('servers.remove.title', { name: server.name })}
      text={server.kind === 'stdio' ? say('servers.remove.textProgram') : say('servers.remove.textAddress')}
      action={say('common.remove')}
      keep={say('common.keepIt')}
      danger
      busy={remove.isPending}
      problem={remove.error ? problemOf(remove.error) : null}
      onConfirm={() => remove.mutate({ id: server.id })}
    />
  )
}
