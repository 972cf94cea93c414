import { useState } from 'react'
import { Button } from '../../parts/button.tsx'
import { TextField } from '../../parts/field.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Card, Section, Waiting } from '../../parts/page.tsx'
import { Plain } from '../../parts/plain.tsx'
import { Toggle } from '../../parts/toggle.tsx'
import { keyOf, patchCall, useCall, useCommand } from '../../pipe/host.tsx'
import { startingDomains, toDomain } from './domain-list.ts'
import styles from './settings-page.module.css'

/** Which web addresses an app may ask to go back to. */
export function RedirectDomains() {
  const preferences = useCall('preferences.get', undefined)
  const grants = useCall('grants.list', undefined)
  const set = useCommand('preferences.set', {
    optimistic: (client, wanted) =>
      patchCall(client, 'preferences.get', undefined, (old) => ({
        ...old,
        redirectDomains: wanted.redirectDomains ?? null,
      })),
    state: () => keyOf('preferences.get'),
  })
  const domains = preferences.data?.redirectDomains ?? null
  const save = (redirectDomains: string[] | null) => set.mutate({ redirectDomains })
  return (
    <Section title="Which apps may ask">
      <Waiting on={preferences} />
      {preferences.data && (
        <Card className={styles.card}>
          <div className={styles.switch}>
            <div>
              <p className={styles.strong}>Only apps from websites on a list</p>
              <p className={styles.small}>
                {domains === null
                  ? 'Off: any app may ask while you are connecting one. You still see where it goes back to, and decide.'
                  : 'An app from any other website is turned away. Programs on this computer may always ask.'}
              </p>
            </div>
            <Toggle
              label="Only apps from websites on a list"
              checked={domains !== null}
              onChange={(on) =>
                save(on ? startingDomains((grants.data ?? []).map((grant) => grant.redirectHost)) : null)
              }
            />
          </div>
          {domains !== null && <DomainEditor domains={domains} onChange={save} />}
        </Card>
      )}
    </Section>
  )
}

function DomainEditor({ domains, onChange }: { domains: string[]; onChange(next: string[]): void }) {
  const [typed, setTyped] = useState('')
  const [wrong, setWrong] = useState<string>()
  const add = () => {
    const domain = toDomain(typed)
    if (domain === null)
      return setWrong('Type a name such as example.com, or *.example.com for all under it.')
    if (!domains.includes(domain)) onChange([...domains, domain])
    setTyped('')
    setWrong(undefined)
  }
  return (
    <>
      {domains.length === 0 ? (
        <p className={styles.empty}>The list is empty: no website’s app can be connected.</p>
      ) : (
        <ul className={styles.domains} aria-label="Websites on the list">
          {domains.map((domain) => (
            <li key={domain} className={styles.domain}>
              <code>
                <Plain text={domain} />
              </code>
              <Button
                intent="quiet"
                size="small"
                iconOnly
                aria-label={`Take ${domain} off the list`}
                onClick={() => onChange(domains.filter((other) => other !== domain))}
              >
                <Icon name="cross" size={16} />
              </Button>
            </li>
          ))}
        </ul>
      )}
      <form
        className={styles.add}
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          add()
        }}
      >
        <TextField
          label="Another website"
          mono
          value={typed}
          onChange={setTyped}
          placeholder="example.com"
          wrong={wrong}
          maxLength={300}
        />
        <Button type="submit">Add</Button>
      </form>
    </>
  )
}
