import type { ReactNode } from 'react'
import type { Input } from '../../../src/contract/api.ts'
import type { Preferences } from '../../../src/contract/preferences.ts'
import { keyOf, patchCall, useCall, useCommand } from '../../pipe/host.tsx'
import { Card, Section, Waiting } from '../../ui/page.tsx'

/** `kept` is called once that is so. */
type Change = (wanted: Input<'preferences.set'>, kept?: () => void) => void

interface PreferenceSectionProps {
  title: string
  children(set: Preferences, change: Change): ReactNode
}

/** A part of the page over what is set, and what changes it. */
export function PreferenceSection({ title, children }: PreferenceSectionProps) {
  const preferences = useCall('preferences.get', undefined)
  const { mutate } = useCommand('preferences.set', {
    optimistic: (client, wanted) =>
      patchCall(client, 'preferences.get', undefined, (old) => ({ ...old, ...wanted }) as Preferences),
    state: () => keyOf('preferences.get'),
  })
  const change: Change = (wanted, kept) => mutate(wanted, { onSuccess: () => kept?.() })
  return (
    <Section title={title}>
      <Waiting on={preferences} />
      {preferences.data && <Card lines="close">{children(preferences.data, change)}</Card>}
    </Section>
  )
}
