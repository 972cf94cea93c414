import { Button } from './button.tsx'
import { DialogActions } from './dialog.tsx'
import { Problem } from './problem.tsx'

/** Below a secret that is shown once: what to do with it, and the button that ends its being shown. `undo`: what ends the secret itself. */
export function KeepSecret({ undo, onClose }: { undo: 'revoke' | 'remove'; onClose(): void }) {
  return (
    <>
      <Problem
        tone="warn"
        announce={false}
        problem={{
          message: 'Keep it like a password.',
          hint: `Put it only into the program it is for, never into a chat or an email. If it gets out, ${undo} it here.`,
        }}
      />
      <DialogActions
        safe={null}
        act={
          <Button intent="primary" onClick={onClose}>
            I have copied it
          </Button>
        }
      />
    </>
  )
}
