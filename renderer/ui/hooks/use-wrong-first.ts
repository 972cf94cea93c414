import { type RefObject, useEffect } from 'react'

/**
 * Whoever pressed the button is led to the first thing that is wrong, which may be out of sight: to the field, or to the first one of
 * those that a sentence is about. `tries` counts the presses.
 */
export function useWrongFirst(within: RefObject<HTMLElement | null>, tries: number, busy = false): void {
  useEffect(() => {
    if (tries === 0 || busy) return
    const dialog = within.current?.closest('[data-over-page]') ?? within.current
    const wrong = dialog?.querySelector<HTMLElement>('[aria-invalid="true"], [data-wrong]')
    if (!wrong) return
    const fields = wrong.closest('fieldset, section')
    const isSentence = wrong.hasAttribute('data-wrong')
    const field = isSentence ? fields?.querySelector<HTMLElement>(FIELD) : wrong
    field?.focus()
    if (isSentence) wrong.scrollIntoView({ block: 'nearest' })
  }, [within, tries, busy])
}

const FIELD =
  'input:not([readonly], [aria-hidden=true]), textarea, [role=radio][aria-checked=true], [role=combobox]'
