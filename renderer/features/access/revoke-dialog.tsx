import { say } from '../../../locales/say.ts'
import type { Grant } from '../../../src/contract/access.ts'
import { revokeMeans } from '../../../src/contract/agreed/revoke-means.ts'
import { keyOf, patchCall, problemOf, useCommand } from '../../pipe/host.tsx'
import { ConfirmDialog } from '../../ui/dialog.tsx'

export function RevokeDialog({ grant, open, onClose }: { grant: Grant; open: boolean; onClose(): void }) {
  const revoke = useCommand('grants.revoke', {
    inline: true,
    done: (_output, client, { id }) => {
      patchCall(client, 'grants.list', undefined, (old) => old.filter((other) => other.id !== id))
      void client.invalidateQueries({ queryKey: keyOf('grants.list') })
    },
  })
  return (
    <ConfirmDialog
      open={open}
      onClose={onClose}
      title={say('access.revoke.title', { name: grant.name })}
      text={revokeMeans(grant)}
      action={say('access.revoke.action')}
      keep={say('common.keepIt')}
      danger
      busy={revoke.isPending}
      problem={revoke.error ? problemOf(revoke.error) : null}
      onConfirm={() => revoke.mutate({ id: grant.id })}
    />
  )
}
