import { useState } from 'react'
import { say } from '../../../locales/say.ts'
import { useCall, useCommand } from '../../pipe/host.tsx'
import { Button, type ButtonProps } from '../../ui/button.tsx'
import { AddFolderDialog } from './add-folder-dialog.tsx'

/** On the desktop the system's own dialog comes first; in a browser, and where that dialog fails, ours has a list. */
export function AddFolderButton(look: Pick<ButtonProps, 'intent' | 'size'>) {
  const isDesktop = useCall('status.get', undefined).data?.shell === 'electron'
  const [adding, setAdding] = useState<{ path: string | undefined } | null>(null)
  const choose = useCommand('folders.choose', {
    done: ({ path }) => path !== null && setAdding({ path }),
  })
  const press = () => {
    if (isDesktop) choose.mutate(undefined, { onError: () => setAdding({ path: undefined }) })
    else setAdding({ path: undefined })
  }
  return (
    <>
      <Button {...look} busy={choose.isPending} onClick={press}>
        {say('folders.add')}
      </Button>
      {adding && <AddFolderDialog chosen={adding.path} onClose={() => setAdding(null)} />}
    </>
  )
}
