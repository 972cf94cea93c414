import { say } from '../../locales/say.ts'
import { Button } from './button.tsx'
import { DialogActions } from './dialog.tsx'
import { Note } from './problem.tsx'

/** Below a secret that is shown once: what to do with it, and the button that ends its being shown. `undo`: what ends the secret itself. */
export function KeepSecret({ undo, onClose }: { undo: 'revoke' | 'remove'; onClose(): void }) {
  return (
    <>
      <Note message={say('ui.keepSecret.keepItLikeA')} hint={say(`keepSecret.${undo}`)} />
      <DialogActions
        safe={null}
        act={
          <Button intent="primary" onClick={onClose}>
            {say('common.haveCopied')}
          </Button>
        }
      />
    </>
  )
}
