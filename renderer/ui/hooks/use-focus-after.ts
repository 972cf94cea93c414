import { useEffect, useState } from 'react'

/** Where what had the focus before a dialog is gone after it, with its row, the keyboard goes on from the page. */
export function useFocusAfter(): void {
  const [before] = useState(() => document.activeElement)
  useEffect(
    () => () => {
      // Once it is known where the dialog itself put the focus back to.
      setTimeout(() => {
        if (before?.isConnected === false && document.activeElement === document.body)
          document.getElementById('main')?.focus({ preventScroll: true })
      })
    },
    [before],
  )
}
