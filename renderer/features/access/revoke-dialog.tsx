import { say } from '../../../locales/say.ts'
import type { Grant } from '../../../src/contract/access.ts'
import { patchCall, useCommand } from '../../pipe/host.tsx'
import { ConfirmDialog } from '../../ui/dialog.tsx'
import { signsInWithBrowser } from '../../words/origin.ts'

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
      text={
        signsInWithBrowser(grant)
          ? say('access.revoke.textApp')
          : grant.kind === 'key'
            ? say('access.revoke.textKey')
            : say('access.revoke.textProgram')
      }
      action={say('access.revoke.action')}
      keep={say('common.keepIt')}
      danger
      command={revoke}
      onConfirm={() => revoke.mutate({ id: grant.id })}
    />
  )
}
