import type { Grant } from '../../../src/contract/access.ts'
import { keyOf, patchCall, problemOf, useCommand } from '../../pipe/host.tsx'
import { ConfirmDialog } from '../../ui/dialog.tsx'
import { signsInWithBrowser } from '../../words/origin.ts'

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
      title={`Revoke “${grant.name}”?`}
      text={
        signsInWithBrowser(grant)
          ? 'It is cut off at once, also in the middle of something. To come back, it must ask you again.'
          : grant.kind === 'key'
            ? 'Programs that use this key are cut off at once. The key cannot be brought back; you can create a new one.'
            : 'It is cut off at once. To let it in again, remove it below and register it anew.'
      }
      action="Revoke"
      keep="Keep it"
      danger
      busy={revoke.isPending}
      problem={revoke.error ? problemOf(revoke.error) : null}
      onConfirm={() => revoke.mutate({ id: grant.id })}
    />
  )
}
