import { useNavigate } from '@tanstack/react-router'
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
      showDone(`${server.name} was removed`)
    },
  })
  return (
    <ConfirmDialog
      open={open}
      onClose={onClose}
      title={`Remove “${server.name}”?`}
      text={
        server.kind === 'stdio'
          ? 'Its program is stopped and its tools are gone for every assistant. Keys and passwords you gave it here are deleted.'
          : 'Its tools are gone for every assistant. Your sign-in and the keys you gave for it here are deleted.'
      }
      action="Remove"
      keep="Keep it"
      danger
      busy={remove.isPending}
      problem={remove.error ? problemOf(remove.error) : null}
      onConfirm={() => remove.mutate({ id: server.id })}
    />
  )
}
