import { useState } from 'react'
import { Button } from '../../parts/button.tsx'
import { TextField } from '../../parts/field.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Card, Section, Waiting } from '../../parts/page.tsx'
import { Plain } from '../../parts/plain.tsx'
import { keyOf, patchCall, useCall, useCommand } from '../../pipe/host.tsx'
import { toLocalOrigin } from './domain-list.ts'
import styles from './settings-page.module.css'

/** Pages that this computer serves itself, such as a developer's tool, and that may be clients. */
export function LocalPages() {
  const preferences = useCall('preferences.get', undefined)
  const set = useCommand('preferences.set', {
    optimistic: (client, wanted) =>
      patchCall(client, 'preferences.get', undefined, (old) => ({
        ...old,
        localPages: wanted.localPages ?? old.localPages,
      })),
    state: () => keyOf('preferences.get'),
  })
  const [typed, setTyped] = useState('')
  const [wrong, setWrong] = useState<string>()
  const pages = preferences.data?.localPages ?? []
  const save = (localPages: string[]) => set.mutate({ localPages })
  const add = () => {
    const origin = toLocalOrigin(typed)
    if (origin === null) return setWrong('Type an address on this computer, such as http://localhost:6274.')
    if (!pages.includes(origin)) save([...pages, origin])
    setTyped('')
    setWrong(undefined)
  }
  return (
    <Section title="Pages on this computer">
      <Waiting on={preferences} />
      {preferences.data && (
        <Card className={styles.card}>
          <p className={styles.small}>
            A tool that runs on this computer and opens in the browser, such as the MCP Inspector, can only
            connect when its address is on this list. It still has to be let in like any other app.
          </p>
          {pages.length > 0 && (
            <ul className={styles.domains} aria-label="Pages that may connect">
              {pages.map((page) => (
                <li key={page} className={styles.domain}>
                  <code>
                    <Plain text={page} />
                  </code>
                  <Button
                    intent="quiet"
                    size="small"
                    iconOnly
                    aria-label={`Take ${page} off the list`}
                    onClick={() => save(pages.filter((other) => other !== page))}
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
              label="Address of the page"
              mono
              value={typed}
              onChange={setTyped}
              placeholder="http://localhost:6274"
              wrong={wrong}
              maxLength={300}
            />
            <Button type="submit">Add page</Button>
          </form>
        </Card>
      )}
    </Section>
  )
}
