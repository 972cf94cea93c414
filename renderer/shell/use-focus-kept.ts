import { type RefObject, useEffect } from 'react'

/**
 * Where what has the focus goes, with its row or because it was answered, the keyboard goes on from what is left around it, on the page and in a
 * dialog, and not from the top of the window.
 */
export function useFocusKept(main: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    /** What has the focus, and all it is in, from the inside out. */
    let path: Element[] = []
    /** What is left where all of that is gone; null: the dialog went, which puts the focus back itself. */
    let last: HTMLElement | null = null
    const remember = ({ target }: FocusEvent) => {
      path = []
      const dialog = (target as Element).closest('[data-over-page]')
      last = dialog ? null : main.current
      if (!dialog && !main.current?.contains(target as Node)) return
      for (let at = target as Element | null; at && at !== last; at = at.parentElement) {
        path.push(at)
        if (at === dialog) break
      }
    }
    const observer = new MutationObserver(() => {
      if (path.length === 0 || path[0]!.isConnected || document.activeElement !== document.body) return
      const left = path.find((one) => one.isConnected) ?? last
      path = []
      if (left instanceof HTMLElement) focusOnce(left)
    })
    observer.observe(document.body, { childList: true, subtree: true })
    document.addEventListener('focusin', remember)
    return () => {
      observer.disconnect()
      document.removeEventListener('focusin', remember)
    }
  }, [main])
}

/** What is no stop of the Tab key does not become one. */
function focusOnce(element: HTMLElement): void {
  if (!element.hasAttribute('tabindex')) {
    element.tabIndex = -1
    element.addEventListener('blur', () => element.removeAttribute('tabindex'), { once: true })
  }
  element.focus({ preventScroll: true })
}
