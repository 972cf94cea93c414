import { say } from '../../../locales/say.ts'
import type { Grant } from '../../../src/contract/access.ts'
import { revokeMeans } from '../../../src/contract/agreed/revoke-means.ts'
import { patchCall, useCommand } from '../../pipe/host.tsx'
import { ConfirmDialog } from '../../ui/dialog.tsx'

export function RevokeDialog({ grant, onClose }: { grant: Grant; onClose(): void }) {
  const revoke = useCommand('grants.revoke', {
    inline: true,
    refreshes: ['grants.list'],
    done: (_output, client, { id }) => {
      patchCall(client, 'grants.list', undefined, (old) => old.filter((other) => other.id !== id))
    },
  })
  return (
    <ConfirmDialog
      onClose={onClose}
      title={say('access.revoke.title', { name: grant.name })}
      text={revokeMeans(grant)}
      action={say('access.revoke.action')}
      keep={say('common.keepIt')}
      danger
      command={revoke}
      onConfirm={() => revoke.mutate({ id: grant.id })}
    />
  )
}
